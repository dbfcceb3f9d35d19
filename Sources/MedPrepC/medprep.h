#ifndef MEDPREP_H
#define MEDPREP_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Strings are UTF-8. What a function hands out is freed with medprep_free. */

/* The version, as reports name it. */
char *medprep_version(void);

void medprep_free(char *text);

/* Runs a pipeline file, as `medprep run` does.
 *
 * pipeline     the path of the pipeline file
 * inputs       input_count scans or folders; none: the pipeline file's input folder
 * output       the output folder; NULL: the pipeline file's
 * jobs         threads that compute at one time; 0: the cores this process may use
 * message      if not NULL, gets a JSON text: counts and failures, or why the run was refused
 *
 * Returns 0 when all is written or already done, 1 when some scans failed, 64 ... 75 when the run was refused.
 */
int32_t medprep_run(const char *pipeline, const char *const *inputs, int32_t input_count, const char *output,
                    int32_t jobs, char **message);

#ifdef __cplusplus
}
#endif
#endif
