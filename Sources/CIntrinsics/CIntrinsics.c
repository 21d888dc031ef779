#define _GNU_SOURCE

#include "CIntrinsics.h"

#include <unistd.h>

#if defined(__linux__)
#include <sched.h>
#endif

int quire_allowed_processors(void) {
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(getpid(), sizeof allowed, &allowed) == 0) {
        return CPU_COUNT(&allowed);
    }
#endif
    return 0;
}
