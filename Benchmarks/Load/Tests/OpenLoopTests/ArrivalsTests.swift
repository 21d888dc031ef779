import Testing

@testable import OpenLoop

@Suite struct ArrivalsTests {
    @Test func constantArrivalsNeverDrift() {
        var arrivals = Arrivals(.constant, rate: 3, seed: 1)
        let times = (0..<3_000_001).map { _ in arrivals.next() }
        #expect(times[0] == 0)
        #expect(times[1] == 333_333_333)
        #expect(times[3_000_000] == 1_000_000_000_000_000)
    }

    @Test(arguments: [0.5, 700, 20_000]) func poissonArrivalsHaveTheMeanAndTheSpreadOfTheirRate(rate: Double) {
        var arrivals = Arrivals(.poisson, rate: rate, seed: 7)
        let times = (0..<200_000).map { _ in arrivals.next() }
        let gaps = zip(times, times.dropFirst()).map { Double($1) - Double($0) }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        #expect(abs(mean * rate / 1e9 - 1) < 0.01)
        // The standard deviation of an exponential distribution is its mean.
        #expect(abs(variance.squareRoot() / mean - 1) < 0.02)
        #expect(gaps.allSatisfy { $0 >= 0 })
    }

    @Test func aSeedDeterminesTheArrivals() {
        func times(_ seed: UInt64) -> [UInt64] {
            var arrivals = Arrivals(.poisson, rate: 10, seed: seed)
            return (0..<100).map { _ in arrivals.next() }
        }
        #expect(times(3) == times(3))
        #expect(times(3) != times(4))
    }
}
