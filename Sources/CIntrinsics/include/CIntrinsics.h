#ifndef QUIRE_INTRINSICS_H
#define QUIRE_INTRINSICS_H

#include <stdint.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#if defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Returns 1 if the target processor of the compilation has an instruction for CRC-32C, 0 otherwise.
static inline int quire_has_crc32c(void) {
#if (defined(__SSE4_2__) && defined(__x86_64__)) || defined(__ARM_FEATURE_CRC32)
    return 1;
#else
    return 0;
#endif
}

/// Returns the state of a CRC-32C after eight more bytes, the first of which is the lowest byte of `word`. Returns 0
/// where `quire_has_crc32c` does.
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

/// Returns the number of processors on which the process may run, by its affinity; 0 where that is not known.
int quire_allowed_processors(void);

/// Returns the slice of the calling thread in nanoseconds, for which the scheduler lets it run before others; 0 where it
/// does not tell, as on Linux before 6.12.
uint64_t quire_scheduler_slice(void);

/// Asks the scheduler for slices of so many nanoseconds, which Linux takes as 0.1 to 100 ms, for the calling thread, but
/// not for the threads that it starts. Returns 1 if the system took the request, which Linux before 6.12 does without any
/// effect; 0 if it did not, or the thread has a real-time policy.
int quire_set_scheduler_slice(uint64_t nanoseconds);

/// Returns memory that was freed, and that the C library keeps for later, to the operating system. Does nothing without
/// glibc.
static inline void quire_return_free_memory(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

/// Makes the C library return blocks of `bytes` bytes and more to the operating system as soon as they are freed. By
/// default it raises this threshold, and keeps ever larger blocks, after such blocks were freed. Does nothing without
/// glibc.
static inline void quire_return_blocks_from(int bytes) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, bytes);
#else
    (void)bytes;
#endif
}

/// Returns a bit mask of the bytes, among 32 at any alignment, whose low four bits are below `limit` (0...127); bit i is
/// that of byte i.
static inline uint32_t quire_low_nibbles_below(const void *bytes, int limit) {
#if defined(__SSE2__)
    const __m128i nibbles = _mm_set1_epi8(15), limits = _mm_set1_epi8((char)limit);
    const __m128i first = _mm_and_si128(_mm_loadu_si128((const __m128i *)bytes), nibbles);
    const __m128i second = _mm_and_si128(_mm_loadu_si128((const __m128i *)bytes + 1), nibbles);
    return (uint32_t)_mm_movemask_epi8(_mm_cmplt_epi8(first, limits))
        | (uint32_t)_mm_movemask_epi8(_mm_cmplt_epi8(second, limits)) << 16;
#else
    uint32_t mask = 0;
    for (int i = 0; i < 32; i++) mask |= (uint32_t)((((const uint8_t *)bytes)[i] & 15) < limit) << i;
    return mask;
#endif
}

/// Prefetches the cache line at an address, which need not be mapped. Only a hint to the processor.
static inline void quire_prefetch(const void *address) { __builtin_prefetch(address); }

/// Returns nonzero if any of eight scores, none of which is negative, is at least `minimum`.
static inline int quire_has_score(const float *scores, float minimum) {
#if defined(__SSE2__)
    const __m128 limit = _mm_set1_ps(minimum);
    const __m128 first = _mm_cmpge_ps(_mm_loadu_ps(scores), limit), second = _mm_cmpge_ps(_mm_loadu_ps(scores + 4), limit);
    return _mm_movemask_ps(_mm_or_ps(first, second)) != 0;
#else
    float best = scores[0];
    for (int i = 1; i < 8; i++) best = scores[i] > best ? scores[i] : best;
    return best >= minimum;
#endif
}

/// Writes the prefix sums of the high four bits of 32 bytes at any alignment: `ends[i]` is the sum over bytes 0...i.
static inline void quire_sum_up_high_nibbles(const void *bytes, uint16_t *ends) {
#if defined(__SSE2__)
    const __m128i nibbles = _mm_set1_epi8(15), zero = _mm_setzero_si128();
    __m128i carry = zero;
    for (int half = 0; half < 2; half++) {
        const __m128i sixteen = _mm_loadu_si128((const __m128i *)bytes + half);
        const __m128i high = _mm_and_si128(_mm_srli_epi16(sixteen, 4), nibbles);
        for (int part = 0; part < 2; part++) {
            __m128i sums = part == 0 ? _mm_unpacklo_epi8(high, zero) : _mm_unpackhi_epi8(high, zero);
            sums = _mm_add_epi16(sums, _mm_slli_si128(sums, 2));
            sums = _mm_add_epi16(sums, _mm_slli_si128(sums, 4));
            sums = _mm_add_epi16(_mm_add_epi16(sums, _mm_slli_si128(sums, 8)), carry);
            _mm_storeu_si128((__m128i *)ends + half * 2 + part, sums);
            carry = _mm_shuffle_epi32(_mm_shufflehi_epi16(sums, 0xFF), 0xFF);
        }
    }
#else
    uint16_t sum = 0;
    for (int i = 0; i < 32; i++) ends[i] = sum = (uint16_t)(sum + (((const uint8_t *)bytes)[i] >> 4));
#endif
}

#endif
