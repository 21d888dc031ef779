// An opaque face of ICU: no <unicode/...> header leaks to Swift, whose Foundation carries an ICU of its own.
#ifndef CICU_H
#define CICU_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One stretch that folding changed: bytes [source, source + source_length) became [target, target + target_length).
typedef struct {
  int32_t source, source_length, target, target_length;
} quire_edit;

/// NFKC case folding of UTF-8 (which also drops default-ignorable characters).
///
/// Writes at most `capacity` bytes to `target` and at most `edit_capacity` edits, in order, to `edits`; `edit_count`
/// gets the number of edits there are. Returns the bytes of the folded text, or -1 when ICU fails. When the result
/// exceeds a capacity, call again with more room.
int32_t quire_fold(const char *source, int32_t length, char *target, int32_t capacity, quire_edit *edits,
                   int32_t edit_capacity, int32_t *edit_count);

/// What `quire_fold` makes of each character of the basic plane that never depends on the one before it: a table of
/// 65,536 entries, in each the number of bytes (1 to 3) in the highest byte, 128 more if they are several characters, and
/// the bytes, first lowest, in the others. 0 stands for a character that depends on its neighbours, vanishes, or becomes longer. Returns -1 when ICU fails.
int32_t quire_fold_table(uint32_t *table);

/// What a character is, by Unicode's general categories and scripts.
enum {
  QUIRE_OTHER = 0,
  QUIRE_LETTER = 1,      ///< letters and marks
  QUIRE_DIGIT = 2,       ///< numbers of any kind
  QUIRE_UNSPACED = 3,    ///< letters and marks of a script that puts no blanks between words: Thai, Lao, Khmer, Burmese
  QUIRE_PICTOGRAPH = 4,  ///< Extended_Pictographic, and no letter or digit
};
int32_t quire_classify(uint32_t scalar);

/// The letter under a Latin or Greek letter's diacritics; the character itself where there is none.
uint32_t quire_without_diacritics(uint32_t scalar);

/// Cuts valid UTF-8 into words by ICU's dictionaries.
///
/// Writes where each piece ends, in bytes, to `ends`, at most `capacity`; the last is `length`. Returns how many pieces
/// there are, or -1 when ICU fails. When there are more than `capacity`, call again with more room.
int32_t quire_break_words(const char *text, int32_t length, int32_t *ends, int32_t capacity);

/// ICU's version, such as "72.1".
const char *quire_icu_version(void);

#ifdef __cplusplus
}
#endif
#endif
