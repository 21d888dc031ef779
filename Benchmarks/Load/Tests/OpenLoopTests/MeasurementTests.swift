import Testing

@testable import OpenLoop

@Suite struct MeasurementTests {
    @Test func timesCountFromWhenARequestWasDue() {
        var measurement = Measurement()
        // A server hangs for a second: each of the ten requests that were due meanwhile waited for the rest of it.
        for number in 0..<10 as Range<UInt64> {
            measurement.recordEnd(.status(200), class: 0, due: number * 100_000_000, now: 1_000_000_000)
        }
        let times = measurement.byOutcome()[.status(200)]
        #expect(times?.totalCount == 10)
        #expect(times.map { $0.valueAtPercentile(100) / 1000 } == 1000)
        #expect(times.map { $0.count(within: 0...450_000) } == 4)
    }

    @Test func percentilesAgreeWithSortedTimes() {
        var random = SplitMix64(state: 5)
        let values = (0..<20_000).map { _ in
            UInt64(Double.random(in: 0..<1, using: &random) * Double.random(in: 1_000..<4e9, using: &random))
        }
        var measurement = Measurement()
        for value in values { measurement.recordEnd(.status(200), class: 0, due: 7, now: 7 + value) }
        let sorted = values.map { $0 / 1000 }.sorted()
        let times = measurement.byOutcome()[.status(200)]
        for percent in [1, 50, 90, 99, 99.9] {
            let expected = Double(sorted[Int((percent / 100 * Double(sorted.count)).rounded(.up)) - 1])
            let found = Double(times?.valueAtPercentile(percent) ?? 0)
            #expect(abs(found - expected) <= max(1, expected / 1000), "percentile \(percent)")
        }
    }

    @Test func classesAndOutcomesAreKeptApartAndAddUp() {
        var measurement = Measurement()
        measurement.recordEnd(.status(200), class: 0, due: 0, now: 1_000_000)
        measurement.recordEnd(.status(200), class: 1, due: 0, now: 2_000_000)
        measurement.recordEnd(.status(503), class: 1, due: 0, now: 3_000_000)
        measurement.recordEnd(.timeout, class: 1, due: 0, now: 4_000_000)
        #expect(measurement.byOutcome(class: 0).mapValues(\.totalCount) == [.status(200): 1])
        #expect(
            measurement.byOutcome(class: 1).mapValues(\.totalCount) == [.status(200): 1, .status(503): 1, .timeout: 1])
        #expect(measurement.byOutcome()[.status(200)]?.totalCount == 2)
        #expect(measurement.ended == 4)
    }

    @Test func aRunIsVoidIfMoreThanAHundredthIsLate() {
        var measurement = Measurement()
        for _ in 0..<99 { measurement.recordStart(due: 0, now: 1_000_000) }
        measurement.recordStart(due: 0, now: 50_000_000)
        #expect(!measurement.isVoid)
        measurement.recordStart(due: 0, now: 50_000_000)
        #expect(measurement.isVoid)
    }

    @Test func refusalsWithoutRetryAfterAreCounted() {
        var measurement = Measurement()
        measurement.record(Reply(status: 503, bodyBytes: 10, hasRetryAfter: true))
        measurement.record(Reply(status: 503, bodyBytes: 20))
        measurement.record(Reply(status: 200, bodyBytes: 60))
        #expect(measurement.bareRefusals == 1)
        #expect(measurement.bodyBytes == 90)
        #expect(measurement.replies == 3)
    }
}
