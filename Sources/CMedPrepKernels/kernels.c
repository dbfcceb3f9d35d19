#include "CMedPrepKernels.h"

#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer)
#define MULTIVERSION __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define MULTIVERSION  // arm64 and ThreadSanitizer: one version
#endif
#define INLINE static inline __attribute__((always_inline))
#pragma STDC FP_CONTRACT OFF  // the same bits on every CPU

INLINE void combine(float *restrict out, const float *const *rows, const float *weights, int taps, long count) {
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

MULTIVERSION void medprep_combine_rows(
    float *restrict out, const float *const *rows, const float *weights, int taps, long count) {
    switch (taps) {  // a known count leaves no loop over taps
    case 2: combine(out, rows, weights, 2, count); break;
    case 4: combine(out, rows, weights, 4, count); break;
    default: combine(out, rows, weights, taps, count);
    }
}

MULTIVERSION void medprep_trilinear_row(
    float *restrict out, const float *restrict source, const double start[3], const double step[3], long first,
    long count, const long strides[3], long channels) {
    enum { block = 32 };  // positions, loads and arithmetic in turn, so that the first and last are vectors
    int at[3][block];
    float part[3][block], v[8][block];
    for (long i = 0; i < count; i += block) {
        int n = count - i < block ? (int)(count - i) : block;
        for (int a = 0; a < 3; a++) {
            for (int j = 0; j < block; j++) {
                double c = start[a] + step[a] * (double)(first + i + (j < n ? j : 0));
                at[a][j] = (int)c;
                part[a][j] = (float)(c - (double)at[a][j]);
            }
        }
        for (long c = 0; c < channels; c++) {
            for (int j = 0; j < n; j++) {
                const float *p = source + at[0][j] * strides[0] + at[1][j] * strides[1] + at[2][j] * strides[2] + c;
                v[0][j] = p[0];
                v[1][j] = p[strides[0]];
                v[2][j] = p[strides[1]];
                v[3][j] = p[strides[1] + strides[0]];
                const float *q = p + strides[2];
                v[4][j] = q[0];
                v[5][j] = q[strides[0]];
                v[6][j] = q[strides[1]];
                v[7][j] = q[strides[1] + strides[0]];
            }
            for (int j = 0; j < n; j++) {
                float x = part[0][j], y = part[1][j], z = part[2][j];
                float a = v[0][j] + x * (v[1][j] - v[0][j]), b = v[2][j] + x * (v[3][j] - v[2][j]);
                float d = v[4][j] + x * (v[5][j] - v[4][j]), e = v[6][j] + x * (v[7][j] - v[6][j]);
                float f = a + y * (b - a), g = d + y * (e - d);
                out[(i + j) * channels + c] = f + z * (g - f);
            }
        }
    }
}

MULTIVERSION void medprep_filter_forward(float *rows, long count, long lanes, float pole, float gain) {
    for (long i = 1; i < count; i++) {
        const float *restrict before = rows + (i - 1) * lanes;
        float *restrict row = rows + i * lanes;
        for (long j = 0; j < lanes; j++) row[j] = gain * row[j] + pole * before[j];
    }
}

MULTIVERSION void medprep_filter_backward(float *rows, long count, long lanes, float pole) {
    for (long i = count - 2; i >= 0; i--) {
        const float *restrict after = rows + (i + 1) * lanes;
        float *restrict row = rows + i * lanes;
        for (long j = 0; j < lanes; j++) row[j] = pole * (after[j] - row[j]);
    }
}
