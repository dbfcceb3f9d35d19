/* Whole files and ISA-L, for the programs of this folder. */
#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    uint8_t *bytes;
    size_t count;
} Buffer;

static void fail(const char *path, const char *reason) {
    fprintf(stderr, "%s: %s\n", path, reason);
    exit(1);
}

static void transfer(const char *path, Buffer buffer, int writes) {
    int file = writes ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644) : open(path, O_RDONLY);
    if (file < 0) fail(path, "cannot open");
    for (size_t done = 0; done < buffer.count;) {
        uint8_t *at = buffer.bytes + done;
        ssize_t step = writes ? write(file, at, buffer.count - done) : read(file, at, buffer.count - done);
        if (step <= 0) fail(path, writes ? "cannot write" : "ends early");
        done += (size_t)step;
    }
    close(file);
}

static int packed(const char *path) {
    size_t length = strlen(path);
    return length > 3 && strcmp(path + length - 3, ".gz") == 0;
}

/* The length a gzip file of one member gives in its last four bytes. */
static size_t unpacked(Buffer file) {
    uint32_t length;
    memcpy(&length, file.bytes + file.count - 4, 4);
    return length;
}

static void decode(Buffer from, Buffer to, const char *path) {
    struct inflate_state *state = malloc(sizeof *state);
    isal_inflate_init(state);
    state->crc_flag = ISAL_GZIP;
    state->next_in = from.bytes, state->avail_in = (uint32_t)from.count;
    state->next_out = to.bytes, state->avail_out = (uint32_t)to.count;
    if (isal_inflate(state) != 0) fail(path, "damaged");
    free(state);
}

/* The length of the encoded bytes. */
static size_t encode(Buffer from, Buffer to) {
    struct isal_zstream *stream = malloc(sizeof *stream);
    uint8_t *level = malloc(ISAL_DEF_LVL1_DEFAULT);
    isal_deflate_init(stream);
    stream->level = 1, stream->level_buf = level, stream->level_buf_size = ISAL_DEF_LVL1_DEFAULT;
    stream->gzip_flag = IGZIP_GZIP, stream->end_of_stream = 1, stream->flush = NO_FLUSH;
    stream->next_in = from.bytes, stream->avail_in = (uint32_t)from.count;
    stream->next_out = to.bytes, stream->avail_out = (uint32_t)to.count;
    isal_deflate(stream);
    size_t length = stream->total_out;
    free(level);
    free(stream);
    return length;
}
