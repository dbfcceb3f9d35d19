#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
// ISAL_DEF_LVL*_DEFAULT are expressions, which Swift does not import.
enum { level1BufferSize = ISAL_DEF_LVL1_DEFAULT, level2BufferSize = ISAL_DEF_LVL2_DEFAULT };
