/* bare [-r FILE ...] [-w FILE CONTENT ...]: a job that computes nothing.

   Reads each file of -r, decodes it by ISA-L if it is a gzip file; then reads CONTENT, a plain file, into memory, as a
   computation would leave its result there, and writes it to FILE, encoded by ISA-L at level 1 if the name ends in .gz: to
   a file beside it that is synced and renamed. Memory is fresh, in huge pages where the system gives them, and used again
   from file to file. What it takes is measured from outside, start and end of the process included.
   cc -O2 bare.c -o bare -lisal */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/stat.h>

#include "codec.h"

/* Room of at least `count` bytes; what was in it is lost where it must grow. */
static Buffer grown(Buffer old, size_t count) {
    if (count <= old.count) return old;
    if (old.count) munmap(old.bytes, old.count);
    size_t page = 2 << 20, size = (count + page - 1) / page * page;
    uint8_t *all = mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) fail("memory", "not enough");
    Buffer room = {(uint8_t *)(((uintptr_t)all + page - 1) / page * page), size};
    madvise(room.bytes, size, MADV_HUGEPAGE);
    return room;
}

/* Reads a whole file to the beginning of `room`. */
static Buffer taken(const char *path, Buffer *room) {
    struct stat status;
    if (stat(path, &status) != 0) fail(path, "not found");
    *room = grown(*room, (size_t)status.st_size);
    Buffer file = {room->bytes, (size_t)status.st_size};
    transfer(path, file, 0);
    return file;
}

int main(int count, char **words) {
    Buffer stored = {NULL, 0}, plain = {NULL, 0}, result = {NULL, 0};
    int writes = 0;
    for (int word = 1; word < count; word++) {
        const char *path = words[word];
        if (strcmp(path, "-r") == 0 || strcmp(path, "-w") == 0) {
            writes = path[1] == 'w';
        } else if (!writes) {
            Buffer file = taken(path, &stored);
            if (!packed(path)) continue;
            plain = grown(plain, unpacked(file));
            decode(file, (Buffer){plain.bytes, unpacked(file)}, path);
        } else {
            if (++word == count) fail("usage", "bare [-r FILE ...] [-w FILE CONTENT ...]");
            Buffer content = taken(words[word], &result), file = content;
            if (packed(path)) {
                stored = grown(stored, content.count + content.count / 8 + 4096);
                file = (Buffer){stored.bytes, encode(content, stored)};
            }
            char *beside;
            if (asprintf(&beside, "%s.bare", path) < 0) fail(path, "not enough memory");
            transfer(beside, file, 1);
            int open_file = open(beside, O_RDONLY);
            if (open_file < 0 || fsync(open_file) != 0 || rename(beside, path) != 0) fail(path, "cannot write");
            close(open_file);
            free(beside);
        }
    }
    return 0;
}
