// The Snowball stemmers of libstemmer (https://snowballstem.org), behind a face of our own.
#ifndef CSTEMMER_H
#define CSTEMMER_H
#include <stdint.h>

/// A stemmer of one language; used by one thread at a time.
typedef struct quire_stemmer quire_stemmer;

/// A stemmer for a language by its English name, in lower case; null when there is none.
quire_stemmer *quire_stemmer_open(const char *language);

/// Frees a stemmer.
void quire_stemmer_close(quire_stemmer *stemmer);

/// The stem of a word in UTF-8; valid until the next call. Null when memory is exhausted.
const uint8_t *quire_stem(quire_stemmer *stemmer, const uint8_t *word, int32_t length, int32_t *stem_length);

#endif
