/// A part of a word: a run of letters or of digits, at the byte offsets `start ..< end` of the folded text.
struct WordPart {
    var start: Int
    var end: Int
    var isNumber: Bool
}

/// A Chinese character of a text and its possible readings there.
struct SpokenCharacter {
    var scalar: UInt32
    /// The byte offsets of the character in the folded text.
    var start: Int
    var end: Int
    /// The first of its readings in `PinyinReadings`.
    var first: Int
    /// The number of readings, from the first on, that apply where no word decides.
    var common: Int
    /// The number of readings, from the first on, that are still possible.
    var count: Int
}
