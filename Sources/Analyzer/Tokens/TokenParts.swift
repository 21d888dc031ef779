/// A part of a word: a run of letters or of digits.
struct WordPart {
    var start: Int
    var end: Int
    var isNumber: Bool
}

/// A Chinese character of a text and its readings there: `count` in the table of readings from `first` on.
struct SpokenCharacter {
    var scalar: UInt32
    var start: Int
    var end: Int
    var first: Int
    var common: Int
    var count: Int
}
