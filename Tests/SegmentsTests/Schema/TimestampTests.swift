import Foundation
import TestSupport
import Testing

@testable import Segments

@Suite struct TimestampTests {
    private static func period(_ text: String) -> Range<Int64>? {
        var text = text
        return text.withUTF8 { Timestamp.period($0) }
    }

    /// Random times of four thousand years, formatted by the standard library.
    @Test func agreesWithTheStandardLibrary() {
        var random = SplitMix64(seed: SplitMix64.varied(1))
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: false)
        for _ in 0..<4000 {
            // The standard library uses the Julian calendar before 1582.
            let seconds =
                Int64(random.below(4_000_000_000)) * 60 % 190_000_000_000 - 12_000_000_000 + Int64(random.below(60))
            let date = Date(timeIntervalSince1970: Double(seconds))
            let text = format.format(date)
            #expect(Self.period(text) == seconds * 1000..<(seconds + 1) * 1000, "\(text)")
            let day = String(text.prefix(10))
            let start = (Double(seconds) / 86_400).rounded(.down) * 86_400_000
            #expect(Self.period(day) == Int64(start)..<Int64(start) + 86_400_000, "\(day)")
        }
    }

    @Test(
        arguments: [
            ("1970", 0, 31_536_000_000), ("1972-02", 65_750_400_000, 68_256_000_000), ("1970-01-01", 0, 86_400_000),
            ("1970-01-01T00:01", 60_000, 120_000), ("1970-01-01 00:00:01", 1000, 2000),
            ("1970-01-01T00:00:00.25Z", 250, 251), ("1970-01-01T00:00:00,123456789Z", 123, 124),
            ("1970-01-01T08:00:00+08:00", 0, 1000), ("1969-12-31T19:00-0500", 0, 60_000),
            ("1970-01-01T01:00+01", 0, 60_000),
            ("0000", -62_167_219_200_000, -62_135_596_800_000), ("9999-12", 253_399_622_400_000, 253_402_300_800_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000, 1_483_228_801_000), ("1969-12-31t23:59:59z", -1000, 0),
        ] as [(String, Int64, Int64)])
    func textsNamePeriods(_ text: String, _ start: Int64, _ end: Int64) {
        #expect(Self.period(text) == start..<end)
    }

    @Test(arguments: [
        "", "1", "70", "197", "19700", "1970-", "1970-1", "1970-13", "1970-00", "1970-01-", "1970-01-1", "1970-01-32",
        "1970-02-29", "1900-02-29", "1970-04-31", "1970-01-00", "1970-01-01T", "1970-01-01T1", "1970-01-01T24:00",
        "1970-01-01T10:60", "1970-01-01T10:00:61", "1970-01-01T10:00:00.", "1970-01-01T10:00:00.1234567890",
        "1970-01-01T10:00+", "1970-01-01T10:00+24:00", "1970-01-01T10:00+08:60", "1970-01-01T10:00X", "-1970", " 1970",
        "1970 ", "1970-01-01Z", "１９７０", "1970/01/01", "01.01.1970", "today", "1970-01-01T10:00:00+08:00:00",
    ])
    func otherTextsAreRefused(_ text: String) {
        #expect(Self.period(text) == nil)
    }

    @Test func leapYears() {
        for (year, isLeap) in [(2000, true), (1900, false), (2024, true), (2023, false), (2100, false), (2400, true)] {
            #expect((Self.period("\(year)-02-29") != nil) == isLeap)
            let days = Self.period("\(year)").map { ($0.upperBound - $0.lowerBound) / 86_400_000 }
            #expect(days == (isLeap ? 366 : 365))
        }
    }
}
