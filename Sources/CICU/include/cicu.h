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

/// 1 when the character is part of words (letter, digit, mark), else 0.
int32_t quire_is_word_character(uint32_t scalar);

/// ICU's version, such as "72.1".
const char *quire_icu_version(void);

#ifdef __cplusplus
}
#endif
#endif
