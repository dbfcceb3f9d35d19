#ifndef CMEDPREP_KERNELS_H
#define CMEDPREP_KERNELS_H

/// out[i] = Σ_k weights[k]·rows[k][i], taps added in order k = 0, 1, …; same bits on every CPU.
void medprep_combine_rows(float *restrict out, const float *const *rows, const float *weights, int taps, long count);

/// `count` trilinear values along a line: value i lies at start + step·(first + i), all within the lattice.
/// Strides are in values; `out` and the voxels hold `channels` values each.
void medprep_trilinear_row(
    float *restrict out, const float *restrict source, const double start[3], const double step[3], long first,
    long count, const long strides[3], long channels);

/// rows[i] = gain·rows[i] + pole·rows[i − 1] for i = 1, 2, …; each row holds `lanes` values.
void medprep_filter_forward(float *rows, long count, long lanes, float pole, float gain);

/// rows[i] = pole·(rows[i + 1] − rows[i]) for i = count − 2, …, 0.
void medprep_filter_backward(float *rows, long count, long lanes, float pole);

#endif
