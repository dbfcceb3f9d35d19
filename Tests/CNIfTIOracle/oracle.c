#include "CNIfTIOracle.h"
#include <nifti/nifti2_io.h>
#include <string.h>

static void copy(double *to, nifti_dmat44 from) {
    for (int r = 0; r < 4; r++)
        for (int c = 0; c < 4; c++) to[4 * r + c] = from.m[r][c];
}

oracle_header oracle_read(const char *path) {
    oracle_header out;
    memset(&out, 0, sizeof out);
    nifti_set_debug_level(0);
    nifti_image *image = nifti_image_read(path, 0);
    if (!image) return out;
    out.ok = 1;
    for (int i = 0; i < 8; i++) out.dims[i] = image->dim[i];
    out.datatype = image->datatype;
    out.slope = image->scl_slope;
    out.intercept = image->scl_inter;
    out.qform_code = image->qform_code;
    out.sform_code = image->sform_code;
    copy(out.qform, image->qto_xyz);
    copy(out.sform, image->sto_xyz);
    nifti_image_free(image);
    return out;
}
