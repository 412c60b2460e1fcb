// The five window rules over the events of a folder, by hand, once for every line of standard input: the limit.
//   windows FOLDER CUSTOMERS
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct sums { uint16_t complaints30, purchases7, purchases90, logins14, contacts14; float refunds90; };

static void *load(const char *folder, const char *name, size_t size, size_t *count) {
    char path[4096];
    snprintf(path, sizeof path, "%s/events.%s.bin", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(1); }
    fseek(file, 0, SEEK_END);
    *count = (size_t)ftell(file) / size;
    rewind(file);
    void *data = malloc(*count * size);
    if (fread(data, size, *count, file) != *count) exit(1);
    fclose(file);
    return data;
}

int main(int argc, char **argv) {
    (void)argc;
    size_t customers = (size_t)atol(argv[2]), count;
    int32_t *customer = load(argv[1], "customer", 4, &count), *seconds = load(argv[1], "seconds", 4, &count);
    double *wide = load(argv[1], "amount", 8, &count);
    uint8_t *type = load(argv[1], "type", 1, &count);
    float *amount = malloc(count * sizeof *amount);
    for (size_t i = 0; i < count; i++) amount[i] = (float)wide[i];
    const int32_t now = 20619 * 86400 + 9 * 3600, day = 86400;
    struct sums *all = malloc((customers + 1) * sizeof *all);
    printf("{\"ready\":true}\n");
    fflush(stdout);
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        memset(all, 0, (customers + 1) * sizeof *all);
        for (size_t i = 0; i < count; i++) {
            struct sums *a = all + customer[i];
            int32_t age = now - seconds[i];
            switch (type[i]) {
            case 0: a->logins14 += age <= 14 * day; break;
            case 1: a->purchases7 += age <= 7 * day; a->purchases90 += age <= 90 * day; break;
            case 2: a->contacts14 += age <= 14 * day; break;
            case 3: a->complaints30 += age <= 30 * day; break;
            default: if (age <= 90 * day) a->refunds90 += amount[i];
            }
        }
        long hits[5] = {0};
        for (size_t i = 1; i <= customers; i++) {
            hits[0] += all[i].complaints30 >= 2;
            hits[1] += all[i].purchases7 >= 3;
            hits[2] += all[i].refunds90 > 100;
            hits[3] += all[i].purchases90 >= 1 && all[i].logins14 == 0;
            hits[4] += all[i].contacts14 >= 2;
        }
        clock_gettime(CLOCK_MONOTONIC, &end);
        printf("{\"seconds\":%.9f,\"hits\":[%ld,%ld,%ld,%ld,%ld]}\n",
            (end.tv_sec - start.tv_sec) + 1e-9 * (end.tv_nsec - start.tv_nsec),
            hits[0], hits[1], hits[2], hits[3], hits[4]);
        fflush(stdout);
    }
}
