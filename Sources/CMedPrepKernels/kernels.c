#include "CMedPrepKernels.h"
#include "multiversion.h"

#include <stdint.h>
#include <string.h>

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

enum { block = 32 };  // positions, loads and arithmetic in turn, so that the first and last are vectors

// Where the voxels before `block` places lie, and how far behind each the place is.
INLINE void locate(
    const double start[3], const double step[3], long first, int count, const long strides[3], long offsets[block],
    double part[3][block]) {
    double place[block] = {0};
    for (int a = 0; a < 3; a++) {
        double stride = (double)strides[a];
        for (int j = 0; j < block; j++) {
            double c = start[a] + step[a] * (double)(first + (j < count ? j : 0));
            double whole = (double)(int)c;
            part[a][j] = c - whole;
            place[j] += whole * stride;
        }
    }
    for (int j = 0; j < block; j++) {  // whole numbers in the last 52 bits: a conversion that every CPU has vectors for
        double shifted = place[j] + 0x1p52;
        memcpy(&offsets[j], &shifted, 8);
        offsets[j] -= 0x4330000000000000;
    }
}

// Far voxels take a hundred times longer to come than to be used.
INLINE void prefetch(const float *source, const long offsets[block], int count, long ahead) {
    for (int j = 0; j < count; j += 4) {
        __builtin_prefetch((const void *)((uintptr_t)source + 4 * (uintptr_t)(offsets[j] + ahead)), 0, 2);
    }
}

MULTIVERSION void medprep_trilinear_row(
    float *restrict out, const float *restrict source, const double start[3], const double step[3], long first,
    long count, const long strides[3], long channels, long ahead) {
    long offsets[block], dx = strides[0], dy = strides[1], dz = strides[2];
    double part[3][block];
    float v[4][2 * block] = {0};
    for (long i = 0; i < count; i += block) {
        int n = count - i < block ? (int)(count - i) : block;
        locate(start, step, first + i, n, strides, offsets, part);
        prefetch(source, offsets, n, ahead);
        for (long c = 0; c < channels; c++) {
            for (int j = 0; j < n; j++) {
                const float *rows[4], *p = source + offsets[j] + c;
                rows[0] = p, rows[1] = p + dy, rows[2] = p + dz, rows[3] = p + dy + dz;
                for (int r = 0; r < 4; r++) {
                    if (channels == 1) {
                        memcpy(&v[r][2 * j], rows[r], 8);
                    } else {
                        v[r][2 * j] = rows[r][0], v[r][2 * j + 1] = rows[r][dx];
                    }
                }
            }
            float values[block];
            for (int j = 0; j < block; j++) {
                float x = (float)part[0][j], y = (float)part[1][j], z = (float)part[2][j], along[4];
                for (int r = 0; r < 4; r++) along[r] = v[r][2 * j] + x * (v[r][2 * j + 1] - v[r][2 * j]);
                float f = along[0] + y * (along[1] - along[0]), g = along[2] + y * (along[3] - along[2]);
                values[j] = f + z * (g - f);
            }
            for (int j = 0; j < n; j++) out[(i + j) * channels + c] = values[j];
        }
    }
}

typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));

MULTIVERSION void medprep_cubic_row(
    float *restrict out, const float *restrict source, const double start[3], const double step[3], long first,
    long count, const long strides[3], long ahead) {
    long offsets[block], corner = strides[0] + strides[1] + strides[2];
    double part[3][block];
    float w[3][block][4];
    for (long i = 0; i < count; i += block) {
        int n = count - i < block ? (int)(count - i) : block;
        locate(start, step, first + i, n, strides, offsets, part);
        prefetch(source, offsets, n, ahead);
        for (int a = 0; a < 3; a++) {
            for (int j = 0; j < block; j++) {
                double t = part[a][j], s = 1 - t, t2 = t * t, s2 = s * s, sixth = 1.0 / 6;
                w[a][j][0] = (float)(s2 * s * sixth);
                w[a][j][1] = (float)((3 * t2 * t - 6 * t2 + 4) * sixth);
                w[a][j][2] = (float)((3 * s2 * s - 6 * s2 + 4) * sixth);
                w[a][j][3] = (float)(t2 * t * sixth);
            }
        }
        for (int j = 0; j < n; j++) {
            const float *p = source + offsets[j] - corner, *y = w[1][j], *z = w[2][j];
            Four sum = {0};
            for (int k = 0; k < 4; k++, p += strides[2]) {
                Four plane = {0};
                for (int m = 0; m < 4; m++) plane += y[m] * *(Four *)(p + m * strides[1]);
                sum += z[k] * plane;
            }
            sum *= *(Four *)w[0][j];
            out[i + j] = ((sum[0] + sum[1]) + sum[2]) + sum[3];
        }
    }
}

typedef float Eight __attribute__((vector_size(32), aligned(4), may_alias));  // at any address
#define AT(place) (*(Eight *)(place))

// Blocks of columns whose running values stay in registers: 32 lanes, then 8, then one by one.
INLINE void forward8(float *rows, long count, long stride, float pole, float gain, int eights) {
    Eight last[4];
    for (int v = 0; v < eights; v++) last[v] = AT(rows + 8 * v);
    for (long i = 1; i < count; i++) {
        float *row = rows + i * stride;
        for (int v = 0; v < eights; v++) {
            last[v] = gain * AT(row + 8 * v) + pole * last[v];
            AT(row + 8 * v) = last[v];
        }
    }
}

MULTIVERSION void medprep_filter_forward(float *rows, long count, long lanes, float pole, float gain) {
    long at = 0;
    for (; at + 32 <= lanes; at += 32) forward8(rows + at, count, lanes, pole, gain, 4);
    for (; at + 8 <= lanes; at += 8) forward8(rows + at, count, lanes, pole, gain, 1);
    for (; at < lanes; at++) {
        float *row = rows + at;
        for (long i = 1; i < count; i++) row[i * lanes] = gain * row[i * lanes] + pole * row[(i - 1) * lanes];
    }
}

INLINE void backward8(float *rows, long count, long stride, float pole, int eights) {
    Eight last[4];
    for (int v = 0; v < eights; v++) last[v] = AT(rows + (count - 1) * stride + 8 * v);
    for (long i = count - 2; i >= 0; i--) {
        float *row = rows + i * stride;
        for (int v = 0; v < eights; v++) {
            last[v] = pole * (last[v] - AT(row + 8 * v));
            AT(row + 8 * v) = last[v];
        }
    }
}

MULTIVERSION void medprep_filter_backward(float *rows, long count, long lanes, float pole) {
    long at = 0;
    for (; at + 32 <= lanes; at += 32) backward8(rows + at, count, lanes, pole, 4);
    for (; at + 8 <= lanes; at += 8) backward8(rows + at, count, lanes, pole, 1);
    for (; at < lanes; at++) {
        float *row = rows + at;
        for (long i = count - 2; i >= 0; i--) row[i * lanes] = pole * (row[(i + 1) * lanes] - row[i * lanes]);
    }
}

INLINE void read8(float *out, const float *rows, long stride, const int *table, const float *weights, int width, int eights) {
    Eight sums[4] = {0};
    for (int k = 0; k < width; k++) {
        const float *row = rows + table[k] * stride;
        for (int v = 0; v < eights; v++) sums[v] += weights[k] * AT(row + 8 * v);
    }
    for (int v = 0; v < eights; v++) AT(out + 8 * v) = sums[v];
}

INLINE void read_columns(
    float *out, long out_stride, const float *rows, long lanes, const int *table, const float *weights, int width,
    long count, const float *next, long next_stride, long fetched) {
    for (long i = 0; i < count; i++, out += out_stride, table += width, weights += width) {
        medprep_fetch(next + i * next_stride, 4 * fetched);
        long at = 0;
        for (; at + 32 <= lanes; at += 32) read8(out + at, rows + at, lanes, table, weights, width, 4);
        for (; at + 8 <= lanes; at += 8) read8(out + at, rows + at, lanes, table, weights, width, 1);
        for (; at < lanes; at++) {
            float sum = 0;
            for (int k = 0; k < width; k++) sum += weights[k] * rows[table[k] * lanes + at];
            out[at] = sum;
        }
    }
}

MULTIVERSION void medprep_read_columns(
    float *out, long out_stride, const float *rows, long lanes, const int *table, const float *weights, int width,
    long count, const float *next, long next_stride, long fetched) {
    if (width == 4) read_columns(out, out_stride, rows, lanes, table, weights, 4, count, next, next_stride, fetched);
    else read_columns(out, out_stride, rows, lanes, table, weights, width, count, next, next_stride, fetched);
}

#define PAIR(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

INLINE void turn8(float *out, long out_stride, const float *in, long in_stride) {
    Eight r[8], s[8];
    for (int i = 0; i < 8; i++) r[i] = AT(in + i * in_stride);
    for (int i = 0; i < 8; i += 2) {
        s[i] = PAIR(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        s[i + 1] = PAIR(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int i = 0; i < 8; i += 4) {
        for (int j = 0; j < 2; j++) {
            r[i + 2 * j] = PAIR(s[i + j], s[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            r[i + 2 * j + 1] = PAIR(s[i + j], s[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    }
    for (int i = 0; i < 4; i++) {
        AT(out + i * out_stride) = PAIR(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        AT(out + (i + 4) * out_stride) = PAIR(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

MULTIVERSION void medprep_turn(float *out, long out_stride, const float *in, long in_stride, long rows, long columns) {
    long whole = rows / 8 * 8, i = 0;
    for (; i + 16 <= columns; i += 16) {  // a cache line of each row at a time: rows may share their place in the cache
        for (long j = 0; j < whole; j += 8) {
            turn8(out + i * out_stride + j, out_stride, in + j * in_stride + i, in_stride);
            turn8(out + (i + 8) * out_stride + j, out_stride, in + j * in_stride + i + 8, in_stride);
        }
        for (long j = whole; j < rows; j++) {
            for (long k = i; k < i + 16; k++) out[k * out_stride + j] = in[j * in_stride + k];
        }
    }
    for (; i + 8 <= columns; i += 8) {
        for (long j = 0; j < whole; j += 8) turn8(out + i * out_stride + j, out_stride, in + j * in_stride + i, in_stride);
        for (long j = whole; j < rows; j++) {
            for (long k = i; k < i + 8; k++) out[k * out_stride + j] = in[j * in_stride + k];
        }
    }
    for (; i < columns; i++) {
        for (long j = 0; j < rows; j++) out[i * out_stride + j] = in[j * in_stride + i];
    }
}
