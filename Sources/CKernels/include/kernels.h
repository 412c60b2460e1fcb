// The loops over a block of customers' columns, for whatever vectors the processor has.
//
// Plain C, so that each is compiled several times and the processor's own form is chosen when the program is loaded:
// Swift has no way to ask for that. No loop has a tail of its own, none allocates, none touches anything but its arguments.
#ifndef CARE_KERNELS_H
#define CARE_KERNELS_H

#include <stdint.h>

// Up to three ranges of codes: a code belongs to one if it is no further than `span` from `low`.
typedef struct {
    int32_t count;
    uint32_t low0, span0, low1, span1, low2, span2;
} care_ranges;

/// Asks for bytes that will be read soon; into the second cache, as the first is in use.
static inline void care_prefetch(const void *start, long count) {
    for (long i = 0; i < count; i += 64) __builtin_prefetch((const char *)start + i, 0, 2);
}


// A mask holds one byte a lane, 0 or 1.
void care_mask_ranges8(const uint8_t *codes, long lanes, care_ranges ranges, uint8_t *mask);
void care_mask_ranges16(const uint16_t *codes, long lanes, care_ranges ranges, uint8_t *mask);
void care_mask_ranges32(const uint32_t *codes, long lanes, care_ranges ranges, uint8_t *mask);
// Whether a number that is not NaN is in [low, high].
void care_mask_range(const double *values, long lanes, double low, double high, uint8_t *mask);
// Whether it is NaN (outcome 1), or is not (0).
void care_mask_missing(const double *values, long lanes, uint8_t outcome, uint8_t *mask);
// The relation of two numbers: less 0, lessOrEqual 1, greater 2, greaterOrEqual 3; of NaN none holds.
void care_mask_ordered(const double *left, const double *right, long lanes, int relation, uint8_t *mask);
void care_mask_ordered_constant(const double *left, double right, long lanes, int relation, uint8_t *mask);
// Whether two numbers are equal or both NaN, exclusive or `flip`.
void care_mask_equal(const double *left, const double *right, long lanes, uint8_t flip, uint8_t *mask);
void care_mask_equal_constant(const double *left, double right, long lanes, uint8_t flip, uint8_t *mask);

void care_mask_not(const uint8_t *a, long lanes, uint8_t *mask);
void care_mask_and2(const uint8_t *a, const uint8_t *b, long lanes, uint8_t *mask);
void care_mask_and3(const uint8_t *a, const uint8_t *b, const uint8_t *c, long lanes, uint8_t *mask);
void care_mask_and4(
    const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, long lanes, uint8_t *mask);
void care_mask_or2(const uint8_t *a, const uint8_t *b, long lanes, uint8_t *mask);
void care_mask_or3(const uint8_t *a, const uint8_t *b, const uint8_t *c, long lanes, uint8_t *mask);
void care_mask_or4(
    const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, long lanes, uint8_t *mask);
// mask |= a where the code is `code`.
void care_mask_or_where(const uint8_t *a, const uint8_t *codes, uint8_t code, long lanes, uint8_t *mask);
// How many of the first `count` are 1.
long care_mask_sum(const uint8_t *mask, long count);

// The least and the greatest of round(value * divisor / multiplier), over those that are not NaN; 0: one of them does not
// give back its value, or is beyond what doubles count by ones. Without any, low is infinite.
int care_whole_range(
    const double *values, long count, double multiplier, double divisor, double *low, double *high);
// round(value * divisor / multiplier) - first, 0 for NaN and from `count` up to `lanes`.
void care_codes8(
    const double *values, long count, long lanes, double first, double multiplier, double divisor, uint8_t *codes);
void care_codes16(
    const double *values, long count, long lanes, double first, double multiplier, double divisor, uint16_t *codes);
void care_codes32(
    const double *values, long count, long lanes, double first, double multiplier, double divisor, uint32_t *codes);

// (first + code) * multiplier / divisor, NaN for code 0; the second kind without the factors.
void care_load8(const uint8_t *codes, long lanes, double first, double multiplier, double divisor, double *target);
void care_load16(const uint16_t *codes, long lanes, double first, double multiplier, double divisor, double *target);
void care_load32(const uint32_t *codes, long lanes, double first, double multiplier, double divisor, double *target);
void care_load_whole8(const uint8_t *codes, long lanes, double first, double *target);
void care_load_whole16(const uint16_t *codes, long lanes, double first, double *target);
// Results that are not finite are NaN.
void care_add(const double *a, const double *b, long lanes, double *target);
void care_subtract(const double *a, const double *b, long lanes, double *target);
void care_multiply(const double *a, const double *b, long lanes, double *target);
void care_divide(const double *a, const double *b, long lanes, double *target);
// NaN if one of them is.
void care_minimum(const double *a, const double *b, long lanes, double *target);
void care_maximum(const double *a, const double *b, long lanes, double *target);
// a where the mask is 1, else b.
void care_select(const uint8_t *mask, const double *a, const double *b, long lanes, double *target);
// a, or b where a is NaN.
void care_coalesce(const double *a, const double *b, long lanes, double *target);

#endif
