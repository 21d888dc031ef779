// An opaque C interface to ICU: no <unicode/...> header leaks to Swift, whose Foundation contains its own copy of ICU.
//
// All functions are thread-safe and allocate nothing that the caller has to free.
#ifndef CICU_H
#define CICU_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A range that folding changed: the bytes [source, source + source_length) became [target, target + target_length).
typedef struct {
  int32_t source, source_length, target, target_length;
} quire_edit;

/// Applies NFKC case folding (NFKC_Casefold) to valid UTF-8, which also removes default-ignorable characters.
///
/// Writes at most `capacity` bytes to `target` and at most `edit_capacity` edits, in ascending order, to `edits`;
/// stores the total number of edits in `edit_count`. Returns the length of the folded text in bytes, or -1 when ICU
/// fails. When the length or the number of edits exceeds its capacity, call again with more room.
int32_t quire_fold(const char *source, int32_t length, char *target, int32_t capacity, quire_edit *edits,
                   int32_t edit_capacity, int32_t *edit_count);

/// Fills a table of 65,536 entries with the result of `quire_fold` for each character of the basic plane that never
/// depends on the preceding character.
///
/// The highest byte of an entry is the number of folded bytes (1 to 3), plus 128 if they are several characters; the
/// other bytes are the folded bytes, the first one lowest. The entry is 0 for a character whose folded form depends on
/// its neighbors, is empty, or has more than 3 bytes. Returns 0, or -1 when ICU fails.
int32_t quire_fold_table(uint32_t *table);

/// The classes of characters, by Unicode's general categories and scripts.
enum {
  QUIRE_OTHER = 0,
  QUIRE_LETTER = 1,      ///< letters and marks
  QUIRE_DIGIT = 2,       ///< numbers of any kind
  QUIRE_UNSPACED = 3,    ///< letters and marks of a script that puts no blanks between words: Thai, Lao, Khmer, Burmese
  QUIRE_PICTOGRAPH = 4,  ///< Extended_Pictographic, and no letter or digit
};

/// Returns the class of a character, one of the constants above.
int32_t quire_classify(uint32_t scalar);

/// Returns the base letter of a Latin or Greek letter with diacritics, and any other character unchanged.
uint32_t quire_without_diacritics(uint32_t scalar);

/// Cuts valid UTF-8 into words with ICU's dictionaries.
///
/// Writes the ends of the first `capacity` words, as byte offsets, to `ends`; the last end is `length`. Returns the
/// total number of words, or -1 when ICU fails. When it exceeds `capacity`, call again with more room.
int32_t quire_break_words(const char *text, int32_t length, int32_t *ends, int32_t capacity);

/// Returns the version of ICU, such as "72.1"; a static string.
const char *quire_icu_version(void);

#ifdef __cplusplus
}
#endif
#endif
