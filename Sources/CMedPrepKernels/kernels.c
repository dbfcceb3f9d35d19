#include "CMedPrepKernels.h"

#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer)
#define MULTIVERSION __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define MULTIVERSION  // arm64 and ThreadSanitizer: one version
#endif
#pragma STDC FP_CONTRACT OFF  // the same bits on every CPU

MULTIVERSION void medprep_combine_rows(
    float *restrict out, const float *const *rows, const float *weights, int taps, long count) {
    long i = 0;
    for (; i + 64 <= count; i += 64) {  // 64 sums stay in registers
        float sums[64] = {0};
        for (int k = 0; k < taps; k++) {
            const float *row = rows[k] + i;
            float weight = weights[k];
            for (int j = 0; j < 64; j++) sums[j] += weight * row[j];
        }
        for (int j = 0; j < 64; j++) out[i + j] = sums[j];
    }
    for (; i < count; i++) {
        float sum = 0;
        for (int k = 0; k < taps; k++) sum += weights[k] * rows[k][i];
        out[i] = sum;
    }
}
