#ifndef CNIFTI_ORACLE_H
#define CNIFTI_ORACLE_H
#include <stdint.h>

/// What libnifti makes of a header: sizes, type, scaling and the affine it would use.
typedef struct {
    int ok;
    int64_t dims[8];
    int datatype;
    double slope, intercept;
    int qform_code, sform_code;
    double qform[16], sform[16];
} oracle_header;

oracle_header oracle_read(const char *path);
#endif
