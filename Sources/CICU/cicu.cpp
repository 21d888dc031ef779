#include "cicu.h"

#include <unicode/bytestream.h>
#include <unicode/edits.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/uversion.h>

using namespace icu;

static const Normalizer2 *casefold() {
  static const Normalizer2 *instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    const Normalizer2 *n = Normalizer2::getNFKCCasefoldInstance(status);
    return U_FAILURE(status) ? nullptr : n;
  }();
  return instance;
}

int32_t quire_fold(const char *source, int32_t length, char *target, int32_t capacity, quire_edit *edits,
                   int32_t edit_capacity, int32_t *edit_count) {
  const Normalizer2 *normalizer = casefold();
  if (normalizer == nullptr) return -1;
  UErrorCode status = U_ZERO_ERROR;
  CheckedArrayByteSink sink(target, capacity);
  Edits changes;
  normalizer->normalizeUTF8(0, StringPiece(source, length), sink, &changes, status);
  if (U_FAILURE(status)) return -1;
  int32_t n = 0;
  for (auto i = changes.getFineChangesIterator(); i.next(status);) {
    if (n < edit_capacity) edits[n] = {i.sourceIndex(), i.oldLength(), i.destinationIndex(), i.newLength()};
    n++;
  }
  if (U_FAILURE(status)) return -1;
  *edit_count = n;
  return sink.NumberOfBytesAppended();
}

int32_t quire_is_word_character(uint32_t scalar) {
  return (U_GET_GC_MASK(static_cast<UChar32>(scalar)) & (U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK)) != 0;
}

const char *quire_icu_version(void) {
  static const struct Text {
    char text[U_MAX_VERSION_STRING_LENGTH];
    Text() {
      UVersionInfo version;
      u_getVersion(version);
      u_versionToString(version, text);
    }
  } cached;
  return cached.text;
}
