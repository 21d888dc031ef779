import Indexer
import Segments

/// The statistics of one member's values in a sample.
struct MemberStatistics: Sendable {
    /// The path of the member.
    let path: String
    /// The number of records that have a value.
    var records = 0
    /// The number of values.
    var values = 0
    /// The number of values of each kind, and the place of the first: `books.jsonl, line 3`.
    var kinds: [SampleRecord.Kind: (count: Int, place: String)] = [:]
    /// True if all values can be read as text.
    var isText = true
    /// True if a record may have several values.
    var isMultiple = false
    /// True if the member is an object in some record.
    var isObject = false
    /// True if the member is a text, a number or a Boolean in some record, even an empty text.
    var isScalar = false
    /// The scripts of the texts.
    var scripts = ScriptStatistics()
    /// The first value that occurs twice; nil when all differ.
    var duplicate: String?
    /// The sum of the lengths of all values, in characters.
    var characters = 0
    /// The length of the longest value, in characters.
    var longest = 0
    /// The greatest number of digits after the decimal point, of numbers.
    var decimals = 0
    /// The hashes of the values.
    private var hashes: Set<Int> = []
    /// The number of values that are dates, and of those that name at least a month.
    private var dates = (all: 0, months: 0)
    /// The number of values that are addresses of the Web.
    private var links = 0
    /// The number of values that have a digit, and neither blanks nor letters beyond ASCII.
    private var codes = 0
    /// The first value.
    private(set) var first = ""
    /// The number of the last record that had a value.
    private var lastRecord = 0

    /// Creates the statistics of a member without values.
    init(path: String) { self.path = path }

    /// The number of different values.
    var distinct: Int { hashes.count }

    /// Adds a value of the record with a number, counted from 1.
    mutating func add(_ value: SampleRecord.Value, record: Int, place: @autoclosure () -> String) {
        if value.isRepeated { isMultiple = true }
        switch value.kind {
        case .array:
            isMultiple = true
            return
        case .object:
            isObject = true
            return
        case .empty:
            isScalar = true
            return
        case .nestedArray: break
        default: isScalar = true
        }
        if record != lastRecord { records += 1 }
        lastRecord = record
        if values == 0 { first = value.text }
        values += 1
        kinds[value.kind, default: (0, place())].count += 1
        if !hashes.insert(value.text.hashValue).inserted, duplicate == nil { duplicate = value.text }
        if value.kind == .float { decimals = max(decimals, Self.decimals(value.text)) }
        guard value.isText else {
            isText = false
            return
        }
        add(text: value.text)
    }

    /// Returns the number of digits after the decimal point; many for a number with an exponent.
    private static func decimals(_ number: String) -> Int {
        if number.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }) { return .max }
        return number.split(separator: ".").dropFirst().first?.utf8.count ?? 0
    }

    /// Adds what matters of a text only.
    private mutating func add(text: String) {
        let length = text.unicodeScalars.count
        characters += length
        longest = max(longest, length)
        scripts.add(text)
        var copy = text
        let isDate = length <= 40 && copy.withUTF8 { Timestamp.period($0) } != nil
        if isDate { dates.all += 1 }
        if isDate, length > 4 { dates.months += 1 }
        if text.hasPrefix("http://") || text.hasPrefix("https://") { links += 1 }
        var hasDigit = false
        for byte in text.utf8 {
            if byte <= 0x20 || byte >= 0x80 { return }
            if byte &- 0x30 < 10 { hasDigit = true }
        }
        if hasDigit { codes += 1 }
    }

    /// True if all values are of some kinds.
    func isAll(_ kinds: SampleRecord.Kind...) -> Bool {
        kinds.reduce(0) { $0 + (self.kinds[$1]?.count ?? 0) } == values
    }

    /// True if all values are dates and one names a month: years alone may be other numbers.
    var isDate: Bool { dates.all == values && dates.months > 0 }
    /// True if most values are addresses of the Web.
    var isLink: Bool { links * 5 >= values * 4 }
    /// True if most values are codes such as version numbers.
    var isCode: Bool { codes * 10 >= values * 9 }
    /// True if the values are too long for a list of choices: longer than 60 characters on average.
    var isLong: Bool { characters > values * 60 || longest > 1000 }
    /// True if values repeat so often that they are choices: each five times on average, or up to fifty twice.
    var isRepeating: Bool { distinct * 5 <= values || distinct <= 50 && distinct * 2 <= values }
}
