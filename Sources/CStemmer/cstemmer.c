#include "cstemmer.h"

#include <libstemmer.h>

quire_stemmer *quire_stemmer_open(const char *language) {
  return (quire_stemmer *)sb_stemmer_new(language, "UTF_8");
}

void quire_stemmer_close(quire_stemmer *stemmer) { sb_stemmer_delete((struct sb_stemmer *)stemmer); }

const uint8_t *quire_stem(quire_stemmer *stemmer, const uint8_t *word, int32_t length, int32_t *stem_length) {
  struct sb_stemmer *inner = (struct sb_stemmer *)stemmer;
  const sb_symbol *stem = sb_stemmer_stem(inner, word, length);
  *stem_length = sb_stemmer_length(inner);
  return stem;
}
