// What glibc and musl have, but declare only with _GNU_SOURCE, which Swift's view of them lacks.
int sync_file_range(int file, long long offset, long long count, unsigned int flags);
// SYNC_FILE_RANGE_WRITE of <linux/fs.h>
enum { syncFileRangeWrite = 2 };
