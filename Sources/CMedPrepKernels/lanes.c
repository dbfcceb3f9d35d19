#include "CMedPrepKernels.h"
#include "multiversion.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF  // the same bits on every CPU

// Eight lanes at a time, whose sums stay in registers over all patterns.
enum { eight = 8 };

INLINE void load(double to[eight], const double *from) { memcpy(to, from, eight * sizeof(double)); }
INLINE void store(double *to, const double from[eight]) { memcpy(to, from, eight * sizeof(double)); }

MULTIVERSION void medprep_add_up(double *restrict sums, const float *restrict x, long patterns, long lanes) {
    for (long first = 0; first < lanes; first += eight) {
        double s[eight];
        load(s, sums + first);
        const float *v = x + first;
        for (long i = 0; i < patterns; i++, v += lanes) {
            for (int j = 0; j < eight; j++) s[j] += (double)v[j];
        }
        store(sums + first, s);
    }
}

MULTIVERSION void medprep_add_up_squares(
    double *restrict squares, const double *restrict means, const float *restrict x, long patterns, long lanes) {
    for (long first = 0; first < lanes; first += eight) {
        double s[eight], m[eight];
        load(s, squares + first);
        load(m, means + first);
        const float *v = x + first;
        for (long i = 0; i < patterns; i++, v += lanes) {
            for (int j = 0; j < eight; j++) {
                double d = (double)v[j] - m[j];
                s[j] += d * d;
            }
        }
        store(squares + first, s);
    }
}

MULTIVERSION void medprep_add_up_powers(
    double *restrict squares, double *restrict cubes, double *restrict fourths, const double *restrict means,
    const float *restrict x, long patterns, long lanes) {
    for (long first = 0; first < lanes; first += eight) {
        double s[eight], c[eight], f[eight], m[eight];
        load(s, squares + first);
        load(c, cubes + first);
        load(f, fourths + first);
        load(m, means + first);
        const float *v = x + first;
        for (long i = 0; i < patterns; i++, v += lanes) {
            for (int j = 0; j < eight; j++) {
                double d = (double)v[j] - m[j], square = d * d;
                s[j] += square;
                c[j] += square * d;
                f[j] += square * square;
            }
        }
        store(squares + first, s);
        store(cubes + first, c);
        store(fourths + first, f);
    }
}

INLINE void scale(
    float *x, const double *centers, const double *factors, const double *offsets, int choice, long patterns,
    long lanes) {
    for (long first = 0; first < lanes; first += eight) {
        double c[eight], f[eight], o[eight];
        load(c, centers + first);
        load(f, factors + first);
        load(o, offsets + first);
        float *v = x + first;
        for (long i = 0; i < patterns; i++, v += lanes) {
            float y[eight];
            for (int j = 0; j < eight; j++) {
                float value = v[j], scaled = (float)(((double)value - c[j]) * f[j] + o[j]);
                y[j] = choice == 0 || (choice == 1 ? value != 0 : value > 0) ? scaled : value;
            }
            memcpy(v, y, sizeof y);
        }
    }
}

MULTIVERSION void medprep_scale(
    float *x, const double *centers, const double *factors, const double *offsets, int choice, long patterns,
    long lanes) {
    switch (choice) {  // a known choice leaves no branch
    case 0: scale(x, centers, factors, offsets, 0, patterns, lanes); break;
    case 1: scale(x, centers, factors, offsets, 1, patterns, lanes); break;
    default: scale(x, centers, factors, offsets, 2, patterns, lanes);
    }
}
