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

/// Which of 32 bytes have four lower bits below `limit`, at most 127: a bit each, that of the first byte lowest.
static inline uint32_t quire_low_nibbles_below(const void *bytes, int limit) {
#if defined(__SSE2__)
    const __m128i nibbles = _mm_set1_epi8(15), most = _mm_set1_epi8((char)limit);
    const __m128i first = _mm_and_si128(_mm_loadu_si128((const __m128i *)bytes), nibbles);
    const __m128i second = _mm_and_si128(_mm_loadu_si128((const __m128i *)bytes + 1), nibbles);
    return (uint32_t)_mm_movemask_epi8(_mm_cmplt_epi8(first, most))
        | (uint32_t)_mm_movemask_epi8(_mm_cmplt_epi8(second, most)) << 16;
#else
    uint32_t mask = 0;
    for (int i = 0; i < 32; i++) mask |= (uint32_t)((((const uint8_t *)bytes)[i] & 15) < limit) << i;
    return mask;
#endif
}

/// Has the cache line at an address, which need not be there, fetched while something else is done.
static inline void quire_prefetch(const void *address) { __builtin_prefetch(address); }

/// Whether one of eight scores, none of them negative, is at least `least`.
static inline int quire_has_score(const float *scores, float least) {
#if defined(__SSE2__)
    const __m128 limit = _mm_set1_ps(least);
    const __m128 first = _mm_cmpge_ps(_mm_loadu_ps(scores), limit), second = _mm_cmpge_ps(_mm_loadu_ps(scores + 4), limit);
    return _mm_movemask_ps(_mm_or_ps(first, second)) != 0;
#else
    float best = scores[0];
    for (int i = 1; i < 8; i++) best = scores[i] > best ? scores[i] : best;
    return best >= least;
#endif
}

/// Sums up the four higher bits of 32 bytes, which need not be aligned: `ends[i]` is the sum up to byte i, itself included.
static inline void quire_sum_up_high_nibbles(const void *bytes, uint16_t *ends) {
#if defined(__SSE2__)
    const __m128i nibbles = _mm_set1_epi8(15), zero = _mm_setzero_si128();
    __m128i carry = zero;
    for (int half = 0; half < 2; half++) {
        const __m128i own = _mm_loadu_si128((const __m128i *)bytes + half);
        const __m128i high = _mm_and_si128(_mm_srli_epi16(own, 4), nibbles);
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
