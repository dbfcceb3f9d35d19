// The official header layouts; libnifti itself is not linked.
#include <nifti/nifti1.h>
#include <nifti/nifti2.h>
