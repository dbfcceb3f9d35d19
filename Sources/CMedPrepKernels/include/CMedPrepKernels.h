#ifndef CMEDPREP_KERNELS_H
#define CMEDPREP_KERNELS_H

/// Asks memory for what will be read soon; any address will do.
static inline void medprep_fetch(const void *place, long bytes) {
    for (long i = 0; i < bytes; i += 64) __builtin_prefetch((const char *)place + i, 0, 2);
}

/// out[i] = Σ_k weights[k]·rows[k][i], taps added in order k = 0, 1, …; same bits on every CPU.
void medprep_combine_rows(float *restrict out, const float *const *rows, const float *weights, int taps, long count);

/// `count` trilinear values along a line: value i lies at start + step·(first + i), all within the lattice.
/// Strides are in values; `out` and the voxels hold `channels` values each. What lies `ahead` values further is fetched
/// for a later line.
void medprep_trilinear_row(
    float *restrict out, const float *restrict source, const double start[3], const double step[3], long first,
    long count, const long strides[3], long channels, long ahead);

/// The same for the cubic B-spline of coefficients of one channel: Σ_k z_k·Σ_j y_j·c[k][j][i], the four sums along x
/// joined last. Weights in double, rounded to float.
void medprep_cubic_row(
    float *restrict out, const float *restrict source, const double start[3], const double step[3], long first,
    long count, const long strides[3], long ahead);

/// rows[i] = gain·rows[i] + pole·rows[i − 1] for i = 1, 2, …; each row holds `lanes` values.
void medprep_filter_forward(float *rows, long count, long lanes, float pole, float gain);

/// rows[i] = pole·(rows[i + 1] − rows[i]) for i = count − 2, …, 0.
void medprep_filter_backward(float *rows, long count, long lanes, float pole);

/// out[o·out_stride + j] = Σ_k weights[o·width + k]·rows[table[o·width + k]·lanes + j] for `count` outputs o and all lanes j,
/// k in order 0, 1, …; `out` may be a row that only itself reads. With each output, `fetched` values at `next`, which moves on by
/// `next_stride`, are fetched for what comes after.
void medprep_read_columns(
    float *out, long out_stride, const float *rows, long lanes, const int *table, const float *weights, int width,
    long count, const float *next, long next_stride, long fetched);

/// out[i·out_stride + j] = in[j·in_stride + i] for j < rows and i < columns.
void medprep_turn(float *out, long out_stride, const float *in, long in_stride, long rows, long columns);

/// sums[l] += x[p·lanes + l] for p = 0, 1, … < patterns and each lane l; lanes are a multiple of 8.
void medprep_add_up(double *restrict sums, const float *restrict x, long patterns, long lanes);

/// squares[l] += (x[p·lanes + l] − means[l])², the same way.
void medprep_add_up_squares(
    double *restrict squares, const double *restrict means, const float *restrict x, long patterns, long lanes);

/// With d = x[p·lanes + l] − means[l]: squares[l] += d², cubes[l] += d²·d, fourths[l] += d²·d².
void medprep_add_up_powers(
    double *restrict squares, double *restrict cubes, double *restrict fourths, const double *restrict means,
    const float *restrict x, long patterns, long lanes);

/// x = (x − centers[l])·factors[l] + offsets[l], in double, where `choice` is 0, or 1 and x ≠ 0, or 2 and x > 0.
void medprep_scale(
    float *x, const double *centers, const double *factors, const double *offsets, int choice, long patterns,
    long lanes);

#endif
