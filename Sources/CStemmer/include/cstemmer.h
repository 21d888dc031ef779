// An opaque C interface to the Snowball stemmers of libstemmer (https://snowballstem.org).
#ifndef CSTEMMER_H
#define CSTEMMER_H
#include <stdint.h>

/// A stemmer of one language. Not thread-safe: one thread at a time may use it.
typedef struct quire_stemmer quire_stemmer;

/// Creates a stemmer for a language, given by its English name in lower case; null when there is none. The caller
/// closes it.
quire_stemmer *quire_stemmer_open(const char *language);

/// Frees a stemmer.
void quire_stemmer_close(quire_stemmer *stemmer);

/// Returns the stem of a word of `length` bytes of lower-case UTF-8 and stores its length in bytes in `stem_length`. The
/// stem is valid until the next call for the same stemmer; null when memory is exhausted.
const uint8_t *quire_stem(quire_stemmer *stemmer, const uint8_t *word, int32_t length, int32_t *stem_length);

#endif
