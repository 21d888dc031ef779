// Makes fdatasync() and fsync() of a process take longer, as those of a disk in a data center do that answers when the
// bytes are safe.
//
//     cc -shared -fPIC -o slow-sync.so scripts/slow-sync.c
//     SLOW_SYNC_MICROSECONDS=4000 LD_PRELOAD=./slow-sync.so PROGRAM
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int delayed(long call, int file) {
    const char *microseconds = getenv("SLOW_SYNC_MICROSECONDS");
    int result = (int)syscall(call, file);
    if (result == 0 && microseconds) usleep((useconds_t)atoi(microseconds));
    return result;
}

int fdatasync(int file) { return delayed(SYS_fdatasync, file); }
int fsync(int file) { return delayed(SYS_fsync, file); }
