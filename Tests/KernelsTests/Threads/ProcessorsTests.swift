import FoundationEssentials
import Kernels
import Testing

/// The number of processors that the process may use.
@Suite struct ProcessorsTests {
    /// The kernel tells the same as a list of ranges, such as `0-2,5`.
    @Test func countsTheProcessorsThatTheKernelAllows() throws {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") })
        let ranges = line.drop { $0 != ":" }.dropFirst().filter { !$0.isWhitespace }.split(separator: ",")
        let counts = ranges.map { range in
            let bounds = range.split(separator: "-").compactMap { Int($0) }
            return (bounds.last ?? 0) - (bounds.first ?? 0) + 1
        }
        #expect(Processors.allowed == counts.reduce(0, +))
    }
}
