import Analyzer
import Segments

/// Typed text in the forms in which suggestions are searched for it.
struct TypedText {
    /// The folded text, with single blanks.
    var text: [UInt8] = []
    /// The pinyin of a text that has Chinese characters, each reading once; empty for others.
    var pinyin: [[UInt8]] = []
    /// The Chinese characters at the beginning of the text.
    var characters: [UInt8] = []
    /// True if letters follow the characters: their pinyin is still being composed.
    var isComposing = false
    /// The number of characters that were typed, without a leading article.
    var length = 0

    init(_ typed: String, _ analyzer: TextAnalyzer) {
        var forms = SuggestionForms()
        forms.make(typed, by: analyzer)
        text = Array(forms.text)
        guard !text.isEmpty else { return }
        for key in forms.keys.elements where key.start == .pinyin {
            let form = Array(forms.bytes.elements[Int(key.offset)...].prefix { $0 != 0 })
            if !pinyin.contains(form) { pinyin.append(form) }
        }
        characters = Array(text.prefix { $0 >= 0x80 })
        isComposing = !pinyin.isEmpty && (text.last.map { $0 < 0x80 } ?? false)
        length = String(decoding: text, as: UTF8.self).unicodeScalars.count - SuggestionForms.articleLength(text)
        if typed.last?.isWhitespace == true { text.append(UInt8(ascii: " ")) }
    }
}
