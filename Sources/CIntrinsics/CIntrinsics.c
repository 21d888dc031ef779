#define _GNU_SOURCE

#include "CIntrinsics.h"

#include <unistd.h>

#if defined(__linux__)
#include <sched.h>
#include <sys/syscall.h>
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

#if defined(__linux__) && defined(SYS_sched_getattr) && defined(SYS_sched_setattr)

/// The first version of the system's `struct sched_attr`, which older C libraries do not declare.
struct scheduling {
    uint32_t size, policy;
    uint64_t flags;
    int32_t niceness;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

_Static_assert(sizeof(struct scheduling) == 48, "the size of the first version");

/// The flag SCHED_FLAG_RESET_ON_FORK: threads that this one starts have the slices of the system.
static const uint64_t reset_on_fork = 1;

uint64_t quire_scheduler_slice(void) {
    struct scheduling now = {0};
    return syscall(SYS_sched_getattr, 0, &now, sizeof now, 0) == 0 ? now.runtime : 0;
}

int quire_set_scheduler_slice(uint64_t nanoseconds) {
    struct scheduling now = {0};
    if (syscall(SYS_sched_getattr, 0, &now, sizeof now, 0) != 0) return 0;
    // The runtime of a real-time thread is something else.
    if (now.policy != SCHED_OTHER) return 0;
    now.size = sizeof now;
    now.flags |= reset_on_fork;
    now.runtime = nanoseconds;
    return syscall(SYS_sched_setattr, 0, &now, 0) == 0;
}

#else

uint64_t quire_scheduler_slice(void) { return 0; }

int quire_set_scheduler_slice(uint64_t nanoseconds) {
    (void)nanoseconds;
    return 0;
}

#endif
