/* floor RUNS BYTES [-r FILE ...] [-w FILE ...]: what a job cannot go below on one thread, in CPU seconds.

   -r: files a job reads, -w: files it writes. A gzip file is decoded by ISA-L, or its content encoded by ISA-L at
   level 1, in memory that was touched before; any other file is read, or its content written to a file beside it.
   BYTES: what the computation must move, at the speed of memcpy of 64 MiB. Prints the medians of RUNS as one line:
   decode seconds, encode seconds, memcpy seconds, memcpy GB/s (bytes read and written both count).
   cc -O2 floor.c -o floor -lisal */
#define _GNU_SOURCE
#include <sys/stat.h>
#include <time.h>

#include "codec.h"

enum { copied = 64 << 20 };

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

static Buffer touched(size_t count) {
    Buffer buffer = {malloc(count), count};
    if (!buffer.bytes) fail("memory", "not enough");
    memset(buffer.bytes, 1, count);
    return buffer;
}

static Buffer content(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0) fail(path, "not found");
    Buffer file = touched((size_t)status.st_size);
    transfer(path, file, 0);
    return file;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *times, int runs) {
    qsort(times, (size_t)runs, sizeof *times, ascending);
    return runs % 2 ? times[runs / 2] : (times[runs / 2 - 1] + times[runs / 2]) / 2;
}

static double reading(const char *path, int runs, double *times) {
    Buffer file = content(path);
    Buffer plain = packed(path) ? touched(unpacked(file)) : file;
    for (int run = 0; run < runs; run++) {
        double start = seconds();
        if (packed(path)) decode(file, plain, path);
        else transfer(path, file, 0);
        times[run] = seconds() - start;
    }
    if (packed(path)) free(plain.bytes);
    free(file.bytes);
    return median(times, runs);
}

static double writing(const char *path, int runs, double *times) {
    Buffer file = content(path), plain = file, room = {NULL, 0};
    char *beside = NULL;
    if (packed(path)) {
        plain = touched(unpacked(file));
        decode(file, plain, path);
        room = touched(plain.count + plain.count / 8 + 4096);
    } else if (asprintf(&beside, "%s.floor", path) < 0) {
        fail(path, "not enough memory");
    }
    for (int run = 0; run < runs; run++) {
        double start = seconds();
        if (beside) transfer(beside, plain, 1);
        else encode(plain, room);
        times[run] = seconds() - start;
        if (beside) unlink(beside);
    }
    if (packed(path)) free(plain.bytes);
    free(room.bytes);
    free(file.bytes);
    free(beside);
    return median(times, runs);
}

static double copying(int runs, double *times) {
    Buffer from = touched(copied), to = touched(copied);
    for (int run = 0; run < runs; run++) {
        double start = seconds();
        memcpy(to.bytes, from.bytes, copied);
        times[run] = seconds() - start;
        from.bytes[run] = to.bytes[copied - 1 - run];
    }
    double speed = 2.0 * copied / median(times, runs);
    free(from.bytes);
    free(to.bytes);
    return speed;
}

int main(int count, char **words) {
    int runs = count > 2 ? atoi(words[1]) : 0;
    if (runs < 1) fail("usage", "floor RUNS BYTES [-r FILE ...] [-w FILE ...]");
    double *times = calloc((size_t)runs, sizeof *times), sums[2] = {0, 0};
    int writes = 0;
    for (int word = 3; word < count; word++) {
        if (strcmp(words[word], "-r") == 0) writes = 0;
        else if (strcmp(words[word], "-w") == 0) writes = 1;
        else sums[writes] += writes ? writing(words[word], runs, times) : reading(words[word], runs, times);
    }
    double speed = copying(runs, times);
    printf("%.6f %.6f %.6f %.3f\n", sums[0], sums[1], atof(words[2]) / speed, speed / 1e9);
    free(times);
    return 0;
}
