/* measure RECORD GIB COMMAND [ARGUMENT ...]: warms memory, runs a command and writes what the whole of it took.

   One line to RECORD: exit status, wall seconds, user and system CPU seconds, peak resident KiB, as the kernel
   accounts them to the command and the children it waited for. A small program does this, not the Python that
   drives it: Linux lets a child inherit the peak of the process it was forked from.  cc -O2 measure.c -o measure */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

static double of(struct timeval time) { return time.tv_sec + 1e-6 * time.tv_usec; }

// A virtual machine hands memory that lay idle back to its host, and whoever takes it next pays for getting it again.
// So that this is nobody's in the table, a child of its own takes some first and ends.
static void warm(size_t gib) {
    pid_t child = fork();
    if (child == 0) {
        size_t size = gib << 30;
        void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory != MAP_FAILED) memset(memory, 1, size);
        _exit(0);
    }
    if (child > 0) waitpid(child, NULL, 0);
}

int main(int count, char **words) {
    if (count < 4) {
        fprintf(stderr, "usage: measure RECORD GIB COMMAND [ARGUMENT ...]\n");
        return 64;
    }
    warm(strtoul(words[2], NULL, 10));
    double start = seconds();
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execvp(words[3], words + 3);
        perror(words[3]);
        _exit(127);
    }
    int status = 0;
    struct rusage use;
    if (child < 0 || wait4(child, &status, 0, &use) < 0) {
        perror("measure");
        return 71;
    }
    double wall = seconds() - start;
    FILE *record = fopen(words[1], "w");
    if (!record) {
        perror(words[1]);
        return 73;
    }
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    fprintf(record, "%d %.6f %.6f %.6f %ld\n", code, wall, of(use.ru_utime), of(use.ru_stime), use.ru_maxrss);
    return fclose(record) == 0 ? code : 73;
}
