#include "cicu.h"

#include <unicode/brkiter.h>
#include <unicode/bytestream.h>
#include <unicode/edits.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>
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

int32_t quire_fold_table(uint32_t *table) {
  const Normalizer2 *normalizer = casefold();
  if (normalizer == nullptr) return -1;
  for (UChar32 c = 0; c < 0x10000; c++) {
    table[c] = 0;
    if (U_IS_SURROGATE(c) || !normalizer->hasBoundaryBefore(c)) continue;
    UnicodeString folded(c);
    if (!normalizer->isInert(c)) {
      UErrorCode status = U_ZERO_ERROR;
      folded = normalizer->normalize(UnicodeString(c), status);
      if (U_FAILURE(status)) return -1;
    }
    uint8_t bytes[8];
    CheckedArrayByteSink sink(reinterpret_cast<char *>(bytes), sizeof bytes);
    folded.toUTF8(sink);
    int32_t length = sink.NumberOfBytesAppended();
    if (length < 1 || length > 3) continue;
    uint32_t entry = static_cast<uint32_t>(length) << 24;
    if (folded.countChar32() > 1) entry |= 0x80000000;
    for (int32_t i = 0; i < length; i++) entry |= static_cast<uint32_t>(bytes[i]) << (8 * i);
    table[c] = entry;
  }
  return 0;
}

int32_t quire_classify(uint32_t scalar) {
  UChar32 c = static_cast<UChar32>(scalar);
  uint32_t category = U_GET_GC_MASK(c);
  if (category & U_GC_N_MASK) return QUIRE_DIGIT;
  if (category & (U_GC_L_MASK | U_GC_M_MASK)) {
    UErrorCode status = U_ZERO_ERROR;
    switch (uscript_getScript(c, &status)) {
      case USCRIPT_THAI:
      case USCRIPT_LAO:
      case USCRIPT_KHMER:
      case USCRIPT_MYANMAR: return QUIRE_UNSPACED;
      default: return QUIRE_LETTER;
    }
  }
  return u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) ? QUIRE_PICTOGRAPH : QUIRE_OTHER;
}

uint32_t quire_without_diacritics(uint32_t scalar) {
  UErrorCode status = U_ZERO_ERROR;
  const Normalizer2 *nfd = Normalizer2::getNFDInstance(status);
  UnicodeString parts;
  if (U_FAILURE(status) || !nfd->getDecomposition(static_cast<UChar32>(scalar), parts)) return scalar;
  UChar32 base = parts.char32At(0);
  UScriptCode script = uscript_getScript(base, &status);
  if (script != USCRIPT_LATIN && script != USCRIPT_GREEK) return scalar;
  for (int32_t i = U16_LENGTH(base); i < parts.length(); i = parts.moveIndex32(i, 1)) {
    if (u_charType(parts.char32At(i)) != U_NON_SPACING_MARK) return scalar;
  }
  return static_cast<uint32_t>(base);
}

int32_t quire_break_words(const char *text, int32_t length, int32_t *ends, int32_t capacity) {
  // Creating an iterator loads its rules; cloning a cached one is cheap.
  static const BreakIterator *rules = [] {
    UErrorCode status = U_ZERO_ERROR;
    BreakIterator *made = BreakIterator::createWordInstance(Locale::getRoot(), status);
    return U_FAILURE(status) ? nullptr : made;
  }();
  if (rules == nullptr) return -1;
  UErrorCode status = U_ZERO_ERROR;
  UText *utf8 = utext_openUTF8(nullptr, text, length, &status);
  if (U_FAILURE(status)) return -1;
  BreakIterator *words = rules->clone();
  words->setText(utf8, status);
  int32_t n = 0;
  words->first();
  for (int32_t end = words->next(); end != BreakIterator::DONE && U_SUCCESS(status); end = words->next()) {
    if (n < capacity) ends[n] = end;
    n++;
  }
  delete words;
  utext_close(utf8);
  return U_FAILURE(status) ? -1 : n;
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
