#ifndef CMEDPREP_KERNELS_H
#define CMEDPREP_KERNELS_H

/// out[i] = Σ_k weights[k]·rows[k][i], taps added in order k = 0, 1, …; same bits on every CPU.
void medprep_combine_rows(float *restrict out, const float *const *rows, const float *weights, int taps, long count);

#endif
