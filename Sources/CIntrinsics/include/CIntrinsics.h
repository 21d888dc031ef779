#ifndef QUIRE_INTRINSICS_H
#define QUIRE_INTRINSICS_H

#include <stdint.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#if defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

/// Whether the processor that this was compiled for sums up CRC-32C by itself.
static inline int quire_has_crc32c(void) {
#if (defined(__SSE4_2__) && defined(__x86_64__)) || defined(__ARM_FEATURE_CRC32)
    return 1;
#else
    return 0;
#endif
}

/// The state of a CRC-32C after eight more bytes, the first of them lowest; 0 where the processor cannot.
static inline uint32_t quire_crc32c_step(uint32_t state, uint64_t word) {
#if defined(__SSE4_2__) && defined(__x86_64__)
    return (uint32_t)__builtin_ia32_crc32di(state, word);
#elif defined(__ARM_FEATURE_CRC32)
    return __crc32cd(state, word);
#else
    (void)state;
    (void)word;
    return 0;
#endif
}

/// Gives memory that was freed, and that the C library keeps for later, back to the system.
static inline void quire_return_free_memory(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

/// Has blocks of so many bytes and more given back as soon as they are freed. Otherwise the C library keeps ever larger
/// ones after it has seen some.
static inline void quire_return_blocks_from(int bytes) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, bytes);
#else
    (void)bytes;
#endif
}

#endif
