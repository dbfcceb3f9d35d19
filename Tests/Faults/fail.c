/* Fails chosen system calls of a program, for tests: loaded with LD_PRELOAD, it changes nothing in the program.
 *
 *   FAULT_CALL   open, read, write, sync, close, rename, unlink, mkdir, truncate, list, lock or stat
 *   FAULT_FROM   the first call that fails, from 1
 *   FAULT_COUNT  how many fail from there on; 0: all
 *   FAULT_ERROR  a number of errno.h; 0: a read or write that moves half of its bytes, at least one
 *   FAULT_UNDER  where: paths that begin with one of these texts, separated by ':'; other files are left alone
 *   FAULT_LOG    a file that is made when the first call has failed
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define MOST 4096
static atomic_bool watched[MOST];
static _Atomic(DIR *) listed[64];
static atomic_long seen;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static long number(const char *name, long otherwise) {
    const char *text = getenv(name);
    return text ? strtol(text, 0, 10) : otherwise;
}

static int is_under(const char *path) {
    const char *list = getenv("FAULT_UNDER");
    if (!list || !path) return 0;
    while (*list) {
        size_t length = strcspn(list, ":");
        if (length && strncmp(path, list, length) == 0) return 1;
        list += length + (list[length] == ':');
    }
    return 0;
}

static int is_watched(int descriptor) {
    return descriptor >= 0 && descriptor < MOST && atomic_load(&watched[descriptor]);
}

/* Whether this call is one of those that fail. */
static int fails(const char *call) {
    const char *chosen = getenv("FAULT_CALL");
    if (!chosen || strcmp(chosen, call) != 0) return 0;
    long place = atomic_fetch_add(&seen, 1) + 1;
    long first = number("FAULT_FROM", 1), count = number("FAULT_COUNT", 1);
    if (place < first || (count > 0 && place >= first + count)) return 0;
    const char *log = getenv("FAULT_LOG");
    if (log) {
        int descriptor = REAL(open)(log, O_WRONLY | O_CREAT, 0644);
        if (descriptor >= 0) REAL(close)(descriptor);
    }
    errno = (int)number("FAULT_ERROR", EIO);
    return 1;
}

static size_t half(size_t count) { return count > 1 ? count / 2 : count; }

int open(const char *path, int flags, ...) {
    mode_t mode = 0;
    if (flags & O_CREAT) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    int is_ours = is_under(path);
    if (is_ours && fails("open")) return -1;
    int descriptor = REAL(open)(path, flags, mode);
    if (descriptor >= 0 && descriptor < MOST) atomic_store(&watched[descriptor], is_ours);
    return descriptor;
}

int close(int descriptor) {
    int is_ours = is_watched(descriptor);
    if (is_ours) atomic_store(&watched[descriptor], 0);
    /* As on Linux, the descriptor is gone whatever is said. */
    int result = REAL(close)(descriptor);
    return is_ours && fails("close") ? -1 : result;
}

ssize_t read(int descriptor, void *bytes, size_t count) {
    if (is_watched(descriptor) && count && fails("read")) {
        if (errno) return -1;
        count = half(count);
    }
    return REAL(read)(descriptor, bytes, count);
}

ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
    if (is_watched(descriptor) && count && fails("read")) {
        if (errno) return -1;
        count = half(count);
    }
    return REAL(pread)(descriptor, bytes, count, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    if (is_watched(descriptor) && count && fails("write")) {
        if (errno) return -1;
        count = half(count);
    }
    return REAL(write)(descriptor, bytes, count);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    if (is_watched(descriptor) && count && fails("write")) {
        if (errno) return -1;
        count = half(count);
    }
    return REAL(pwrite)(descriptor, bytes, count, offset);
}

int fsync(int descriptor) {
    return is_watched(descriptor) && fails("sync") ? -1 : REAL(fsync)(descriptor);
}

int ftruncate(int descriptor, off_t size) {
    return is_watched(descriptor) && fails("truncate") ? -1 : REAL(ftruncate)(descriptor, size);
}

int flock(int descriptor, int operation) {
    return is_watched(descriptor) && fails("lock") ? -1 : REAL(flock)(descriptor, operation);
}

int rename(const char *from, const char *to) {
    return is_under(to) && fails("rename") ? -1 : REAL(rename)(from, to);
}

int unlink(const char *path) { return is_under(path) && fails("unlink") ? -1 : REAL(unlink)(path); }

int mkdir(const char *path, mode_t mode) {
    return is_under(path) && fails("mkdir") ? -1 : REAL(mkdir)(path, mode);
}

int stat(const char *path, struct stat *status) {
    return is_under(path) && fails("stat") ? -1 : REAL(stat)(path, status);
}

int lstat(const char *path, struct stat *status) {
    return is_under(path) && fails("stat") ? -1 : REAL(lstat)(path, status);
}

int fstat(int descriptor, struct stat *status) {
    return is_watched(descriptor) && fails("stat") ? -1 : REAL(fstat)(descriptor, status);
}

DIR *opendir(const char *path) {
    int is_ours = is_under(path);
    if (is_ours && fails("list")) return NULL;
    DIR *folder = REAL(opendir)(path);
    for (int slot = 0; folder && is_ours && slot < 64; slot++) {
        DIR *none = NULL;
        if (atomic_compare_exchange_strong(&listed[slot], &none, folder)) break;
    }
    return folder;
}

struct dirent *readdir(DIR *folder) {
    for (int slot = 0; slot < 64; slot++)
        if (atomic_load(&listed[slot]) == folder && fails("list")) return NULL;
    return REAL(readdir)(folder);
}

int closedir(DIR *folder) {
    for (int slot = 0; slot < 64; slot++) {
        DIR *same = folder;
        atomic_compare_exchange_strong(&listed[slot], &same, NULL);
    }
    return REAL(closedir)(folder);
}
