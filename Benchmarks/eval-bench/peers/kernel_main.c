// Runs the generated kernel once for every line of standard input, over the columns in a folder.
//   kernel FOLDER THREADS
// Compiled with -DBY_ROWS when the kernel goes by rows.
#include KERNEL
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct columns columns;
static struct row *rows;
static size_t count;

static void *load(const char *folder, const char *name, size_t size, size_t *found) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.bin", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(1); }
    fseek(file, 0, SEEK_END);
    size_t bytes = (size_t)ftell(file);
    rewind(file);
    // Whole blocks, so that no loop has a tail; what lies beyond is taken off again.
    char *data = aligned_alloc(64, (bytes / size / BLOCK + 2) * BLOCK * size);
    memset(data, 0, (bytes / size / BLOCK + 2) * BLOCK * size);
    if (fread(data, 1, bytes, file) != bytes) exit(1);
    fclose(file);
    *found = bytes / size;
    return data;
}

struct share { size_t from, until; long hits[CONDITIONS]; };

static void *work(void *pointer) {
    struct share *share = pointer;
    memset(share->hits, 0, sizeof share->hits);
#ifdef BY_ROWS
    block(rows + share->from, share->until - share->from, share->hits);
#else
    struct masks *masks = aligned_alloc(64, sizeof *masks);
    for (size_t a = share->from; a < share->until; a += BLOCK) block(masks, &columns, a, share->hits);
    free(masks);
#endif
    return NULL;
}

static void run(int threads, long *hits) {
    struct share shares[8];
    pthread_t others[8];
#ifdef BY_ROWS
    size_t units = count, unit = 1;
#else
    size_t units = (count + BLOCK - 1) / BLOCK, unit = BLOCK;
#endif
    for (int i = 0; i < threads; i++) {
        shares[i].from = units * i / threads * unit;
        shares[i].until = units * (i + 1) / threads * unit;
        if (i) pthread_create(&others[i], NULL, work, &shares[i]);
    }
    work(&shares[0]);
    memcpy(hits, shares[0].hits, sizeof shares[0].hits);
    for (int i = 1; i < threads; i++) {
        pthread_join(others[i], NULL);
        for (int q = 0; q < CONDITIONS; q++) hits[q] += shares[i].hits[q];
    }
}

int main(int argc, char **argv) {
    int threads = argc > 2 ? atoi(argv[2]) : 1;
#define LOAD(name) columns.name = load(argv[1], #name, sizeof *columns.name, &count)
    LOAD(tier); LOAD(country); LOAD(city); LOAD(birthYear); LOAD(birthMonthDay); LOAD(birthYearDay); LOAD(purchaseDay);
    LOAD(activityDay); LOAD(orders90d); LOAD(spend90d); LOAD(nps); LOAD(openComplaints); LOAD(consentEmail); LOAD(vip);
    long beyond[CONDITIONS] = {0}, hits[CONDITIONS];
#ifdef BY_ROWS
    rows = malloc(count * sizeof *rows);
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct row){ columns.tier[i], columns.country[i], columns.city[i], columns.birthYear[i],
            columns.birthMonthDay[i], columns.birthYearDay[i], columns.purchaseDay[i], columns.activityDay[i],
            columns.orders90d[i], columns.spend90d[i], columns.nps[i], columns.openComplaints[i],
            columns.consentEmail[i], columns.vip[i] };
    }
#else
    // A block of nothing but zeros says what the rows beyond the last one add.
    struct masks *masks = aligned_alloc(64, sizeof *masks);
    size_t last = (count + BLOCK - 1) / BLOCK * BLOCK;
    block(masks, &columns, last, beyond);
    for (int q = 0; q < CONDITIONS; q++) beyond[q] = beyond[q] / BLOCK * (long)(last - count);
    free(masks);
#endif
    run(threads, hits);
    printf("{\"ready\":true}\n");
    fflush(stdout);
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        run(threads, hits);
        clock_gettime(CLOCK_MONOTONIC, &end);
        printf("{\"seconds\":%.9f,\"hits\":[", (end.tv_sec - start.tv_sec) + 1e-9 * (end.tv_nsec - start.tv_nsec));
        for (int q = 0; q < CONDITIONS; q++) printf("%s%ld", q ? "," : "", hits[q] - beyond[q]);
        printf("]}\n");
        fflush(stdout);
    }
}
