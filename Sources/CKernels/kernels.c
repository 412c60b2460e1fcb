#include "kernels.h"

// No a * b + c in one rounding: every processor must give the same bits.
#pragma STDC FP_CONTRACT OFF

#if defined(__x86_64__) && defined(__linux__) && defined(__clang__)
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif

#define RANGES(bits)                                                                                                   \
    KERNEL void care_mask_ranges##bits(                                                                                \
        const uint##bits##_t *restrict codes, long lanes, care_ranges ranges, uint8_t *restrict mask) {                \
        typedef uint##bits##_t code;                                                                                   \
        const code low0 = (code)ranges.low0, span0 = (code)ranges.span0, low1 = (code)ranges.low1;                     \
        const code span1 = (code)ranges.span1, low2 = (code)ranges.low2, span2 = (code)ranges.span2;                   \
        if (ranges.count <= 0)                                                                                         \
            for (long i = 0; i < lanes; i++) mask[i] = 0;                                                              \
        else if (ranges.count == 1)                                                                                    \
            for (long i = 0; i < lanes; i++) mask[i] = (code)(codes[i] - low0) <= span0;                               \
        else if (ranges.count == 2)                                                                                    \
            for (long i = 0; i < lanes; i++)                                                                           \
                mask[i] = ((code)(codes[i] - low0) <= span0) | ((code)(codes[i] - low1) <= span1);                     \
        else                                                                                                           \
            for (long i = 0; i < lanes; i++)                                                                           \
                mask[i] = ((code)(codes[i] - low0) <= span0) | ((code)(codes[i] - low1) <= span1)                      \
                    | ((code)(codes[i] - low2) <= span2);                                                              \
    }
RANGES(8)
RANGES(16)
RANGES(32)

KERNEL void care_mask_range(
    const double *restrict values, long lanes, double low, double high, uint8_t *restrict mask) {
    for (long i = 0; i < lanes; i++) mask[i] = (values[i] >= low) & (values[i] <= high);
}

KERNEL void care_mask_missing(const double *restrict values, long lanes, uint8_t outcome, uint8_t *restrict mask) {
    const uint8_t flip = outcome ? 0 : 1;
    for (long i = 0; i < lanes; i++) mask[i] = (uint8_t)(values[i] != values[i]) ^ flip;
}

KERNEL void care_mask_ordered(
    const double *restrict left, const double *restrict right, long lanes, int relation, uint8_t *restrict mask) {
    switch (relation) {
    case 0: for (long i = 0; i < lanes; i++) mask[i] = left[i] < right[i]; break;
    case 1: for (long i = 0; i < lanes; i++) mask[i] = left[i] <= right[i]; break;
    case 2: for (long i = 0; i < lanes; i++) mask[i] = left[i] > right[i]; break;
    default: for (long i = 0; i < lanes; i++) mask[i] = left[i] >= right[i]; break;
    }
}

KERNEL void care_mask_ordered_constant(
    const double *restrict left, double right, long lanes, int relation, uint8_t *restrict mask) {
    switch (relation) {
    case 0: for (long i = 0; i < lanes; i++) mask[i] = left[i] < right; break;
    case 1: for (long i = 0; i < lanes; i++) mask[i] = left[i] <= right; break;
    case 2: for (long i = 0; i < lanes; i++) mask[i] = left[i] > right; break;
    default: for (long i = 0; i < lanes; i++) mask[i] = left[i] >= right; break;
    }
}

KERNEL void care_mask_equal(
    const double *restrict left, const double *restrict right, long lanes, uint8_t flip, uint8_t *restrict mask) {
    for (long i = 0; i < lanes; i++)
        mask[i] = (uint8_t)((left[i] == right[i]) | ((left[i] != left[i]) & (right[i] != right[i]))) ^ flip;
}

KERNEL void care_mask_equal_constant(
    const double *restrict left, double right, long lanes, uint8_t flip, uint8_t *restrict mask) {
    for (long i = 0; i < lanes; i++) mask[i] = (uint8_t)(left[i] == right) ^ flip;
}

// The target may be one of the operands, lane by lane.
#define LANES _Pragma("clang loop vectorize(assume_safety)") for (long i = 0; i < lanes; i++)
KERNEL void care_mask_not(const uint8_t *a, long lanes, uint8_t *mask) {
    LANES mask[i] = a[i] ^ 1;
}

KERNEL void care_mask_and2(const uint8_t *a, const uint8_t *b, long lanes, uint8_t *mask) {
    LANES mask[i] = a[i] & b[i];
}

KERNEL void care_mask_and3(const uint8_t *a, const uint8_t *b, const uint8_t *c, long lanes, uint8_t *mask) {
    LANES mask[i] = a[i] & b[i] & c[i];
}

KERNEL void care_mask_and4(
    const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, long lanes, uint8_t *mask) {
    LANES mask[i] = a[i] & b[i] & c[i] & d[i];
}

KERNEL void care_mask_or2(const uint8_t *a, const uint8_t *b, long lanes, uint8_t *mask) {
    LANES mask[i] = a[i] | b[i];
}

KERNEL void care_mask_or3(const uint8_t *a, const uint8_t *b, const uint8_t *c, long lanes, uint8_t *mask) {
    LANES mask[i] = a[i] | b[i] | c[i];
}

KERNEL void care_mask_or4(
    const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, long lanes, uint8_t *mask) {
    LANES mask[i] = a[i] | b[i] | c[i] | d[i];
}

KERNEL void care_mask_or_where(
    const uint8_t *restrict a, const uint8_t *restrict codes, uint8_t code, long lanes, uint8_t *restrict mask) {
    for (long i = 0; i < lanes; i++) mask[i] |= a[i] & (codes[i] == code);
}

KERNEL long care_mask_sum(const uint8_t *restrict mask, long count) {
    long total = 0, i = 0;
    // Sixty-four sums of a byte each hold 128 ones.
    for (; i + 8192 <= count; i += 8192) {
        uint8_t sums[64] = {0};
        for (long k = 0; k < 8192; k += 64)
            for (int lane = 0; lane < 64; lane++) sums[lane] += mask[i + k + lane];
        for (int lane = 0; lane < 64; lane++) total += sums[lane];
    }
    if (i + 64 <= count) {
        uint8_t sums[64] = {0};
        for (; i + 64 <= count; i += 64)
            for (int lane = 0; lane < 64; lane++) sums[lane] += mask[i + lane];
        for (int lane = 0; lane < 64; lane++) total += sums[lane];
    }
    for (; i < count; i++) total += mask[i];
    return total;
}

// Eight partial results, as the order of comparisons with NaN matters to the compiler, and ours does not.
#define WHOLE(count_of)                                                                                                \
    for (long i = 0; i < count; i += 8) {                                                                              \
        const long rest = count - i;                                                                                   \
        double some[8];                                                                                                \
        if (rest < 8) {                                                                                                \
            for (int lane = 0; lane < 8; lane++) some[lane] = lane < rest ? values[i + lane] : __builtin_nan("");      \
        } else {                                                                                                       \
            for (int lane = 0; lane < 8; lane++) some[lane] = values[i + lane];                                        \
        }                                                                                                              \
        for (int lane = 0; lane < 8; lane++) {                                                                         \
            const double value = some[lane];                                                                           \
            count_of;                                                                                                  \
            const double back = multiplier == 1 && divisor == 1 ? whole : whole * multiplier / divisor;                \
            wrong[lane] |= (uint64_t)((value == value) & ((back != value) | (__builtin_fabs(whole) > 9e15)));          \
            lows[lane] = whole < lows[lane] ? whole : lows[lane];                                                      \
            highs[lane] = whole > highs[lane] ? whole : highs[lane];                                                   \
        }                                                                                                              \
    }

KERNEL int care_whole_range(
    const double *restrict values, long count, double multiplier, double divisor, double *restrict low,
    double *restrict high) {
    double lows[8], highs[8];
    uint64_t wrong[8] = {0}, any = 0;
    for (int lane = 0; lane < 8; lane++) {
        lows[lane] = __builtin_inf();
        highs[lane] = -__builtin_inf();
    }
    if (multiplier == 1 && divisor == 1) {
        WHOLE(const double whole = __builtin_rint(value))
    } else {
        WHOLE(const double whole = __builtin_rint(value * divisor / multiplier))
    }
    *low = lows[0];
    *high = highs[0];
    for (int lane = 0; lane < 8; lane++) {
        any |= wrong[lane];
        if (lows[lane] < *low) *low = lows[lane];
        if (highs[lane] > *high) *high = highs[lane];
    }
    return any == 0;
}

// By way of signed numbers of 32 bits, which is what processors convert to; those of 32 bits are moved to fit.
#define CODES(bits, shift)                                                                                             \
    KERNEL void care_codes##bits(                                                                                      \
        const double *restrict values, long count, long lanes, double first, double multiplier, double divisor,        \
        uint##bits##_t *restrict codes) {                                                                              \
        if (multiplier == 1 && divisor == 1)                                                                           \
            for (long i = 0; i < count; i++) {                                                                         \
                const double code = __builtin_rint(values[i]) - first;                                                 \
                codes[i] = (uint##bits##_t)((uint32_t)(int32_t)((code == code ? code : 0) - shift) + (uint32_t)shift); \
            }                                                                                                          \
        else                                                                                                           \
            for (long i = 0; i < count; i++) {                                                                         \
                const double code = __builtin_rint(values[i] * divisor / multiplier) - first;                          \
                codes[i] = (uint##bits##_t)((uint32_t)(int32_t)((code == code ? code : 0) - shift) + (uint32_t)shift); \
            }                                                                                                          \
        for (long i = count; i < lanes; i++) codes[i] = 0;                                                             \
    }
CODES(8, 0.0)
CODES(16, 0.0)
CODES(32, 2147483648.0)

#define LOAD(bits)                                                                                                     \
    KERNEL void care_load##bits(                                                                                       \
        const uint##bits##_t *restrict codes, long lanes, double first, double multiplier, double divisor,             \
        double *restrict target) {                                                                                     \
        for (long i = 0; i < lanes; i++)                                                                               \
            target[i] = codes[i] == 0 ? __builtin_nan("") : (first + (double)codes[i]) * multiplier / divisor;         \
    }
LOAD(8)
LOAD(16)
LOAD(32)

KERNEL void care_load_whole8(const uint8_t *restrict codes, long lanes, double first, double *restrict target) {
    for (long i = 0; i < lanes; i++) target[i] = codes[i] == 0 ? __builtin_nan("") : first + (double)(int32_t)codes[i];
}

KERNEL void care_load_whole16(const uint16_t *restrict codes, long lanes, double first, double *restrict target) {
    for (long i = 0; i < lanes; i++) target[i] = codes[i] == 0 ? __builtin_nan("") : first + (double)(int32_t)codes[i];
}

#define FINITE(value) ((value) - (value) == 0 ? (value) : __builtin_nan(""))
#define ARITHMETIC(name, operator)                                                                                     \
    KERNEL void name(                                                                                                  \
        const double *restrict a, const double *restrict b, long lanes, double *restrict target) {                     \
        for (long i = 0; i < lanes; i++) {                                                                             \
            double value = a[i] operator b[i];                                                                         \
            target[i] = FINITE(value);                                                                                 \
        }                                                                                                              \
    }
ARITHMETIC(care_add, +)
ARITHMETIC(care_subtract, -)
ARITHMETIC(care_multiply, *)
ARITHMETIC(care_divide, /)

KERNEL void care_minimum(
    const double *restrict a, const double *restrict b, long lanes, double *restrict target) {
    for (long i = 0; i < lanes; i++)
        target[i] = ((a[i] == a[i]) & (b[i] == b[i])) ? (b[i] < a[i] ? b[i] : a[i]) : __builtin_nan("");
}

KERNEL void care_maximum(
    const double *restrict a, const double *restrict b, long lanes, double *restrict target) {
    for (long i = 0; i < lanes; i++)
        target[i] = ((a[i] == a[i]) & (b[i] == b[i])) ? (b[i] >= a[i] ? b[i] : a[i]) : __builtin_nan("");
}

KERNEL void care_select(
    const uint8_t *restrict mask, const double *restrict a, const double *restrict b, long lanes,
    double *restrict target) {
    for (long i = 0; i < lanes; i++) target[i] = mask[i] ? a[i] : b[i];
}

KERNEL void care_coalesce(
    const double *restrict a, const double *restrict b, long lanes, double *restrict target) {
    for (long i = 0; i < lanes; i++) target[i] = a[i] == a[i] ? a[i] : b[i];
}
