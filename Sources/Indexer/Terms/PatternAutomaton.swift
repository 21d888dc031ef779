/// Recognises what a pattern matches, each character in one step.
///
/// States are sets of places in the pattern, made when they are met first and kept. A pattern that needs too many is
/// given up: `isTooComplex`. Complexity: O(log ranges) a character for a state that was met before, O(places) for a new
/// one. Source: Thompson, "Regular expression search algorithm", 1968.
final class PatternAutomaton: TermAutomaton {
    /// Most places of a pattern; most places of all its states, and steps between them; most comparisons of characters
    /// with ranges to make the states.
    static let mostPlaces = 5000
    static let mostMemory = 1 << 20
    static let mostWork = 1 << 26

    /// A place in the pattern.
    private enum PatternPlace {
        /// Reads a character and goes on at the next place.
        case character([ClosedRange<UInt32>])
        /// Goes on at both without reading.
        case fork(Int, Int)
        /// What was read matches.
        case end
    }

    private var places: [PatternPlace] = []
    /// Where a class of characters begins: all of a class mean the same to the pattern.
    private let classes: [UInt32]
    /// The class of each ASCII character.
    private var classesOfASCII: [UInt16] = []
    /// The places of each state, ascending; forks are left out.
    private var states: [[Int32]] = []
    private var known: [[Int32]: Int] = [:]
    /// Next state by state and class; -1 for one that was not asked for yet.
    private var steps: [Int32] = []
    private var isFinal: [Bool] = []
    private var marks: [Int]
    private var mark = 0
    /// Nodes that were written out, places in all states.
    private var emitted = 0
    private var held = 0
    private var work = 0
    /// Whether the pattern needs more states than are allowed; what it recognises then is wrong.
    private(set) var isTooComplex = false
    /// The text that everything matching begins with.
    let beginning: [UInt8]
    private(set) var start = 0

    /// Errors: `request` when the pattern is too long once its repetitions are written out.
    init(_ pattern: PatternNode) throws(IndexError) {
        beginning = Array(pattern.beginning.utf8)
        classes = Self.boundaries(pattern)
        marks = []
        try emit(pattern)
        places.append(.end)
        marks = Array(repeating: 0, count: places.count)
        // The dead state is the first.
        _ = state([])
        classesOfASCII = (0..<128).map { UInt16(truncatingIfNeeded: searchedClass($0)) }
        start = state(closure([0]))
    }

    /// Where a class of characters begins.
    private static func boundaries(_ pattern: PatternNode) -> [UInt32] {
        var all: Set<UInt32> = [0]
        func collect(_ node: PatternNode) {
            switch node {
            case .empty: break
            case .character(let ranges):
                for range in ranges {
                    all.insert(range.lowerBound)
                    all.insert(range.upperBound + 1)
                }
            case .sequence(let nodes), .choice(let nodes): nodes.forEach(collect)
            case .repeated(let node, _, _): collect(node)
            }
        }
        collect(pattern)
        return all.sorted()
    }

    /// Appends a pattern's places; whatever follows comes behind them.
    private func emit(_ node: PatternNode) throws(IndexError) {
        emitted += 1
        guard places.count < Self.mostPlaces, emitted < 4 * Self.mostPlaces else {
            throw .request(problem: "the pattern is too complex; use fewer or smaller repetitions")
        }
        switch node {
        case .empty: break
        case .character(let ranges): places.append(.character(ranges))
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .choice(let nodes): try emitChoice(nodes[...])
        case .repeated(let node, let least, let most):
            for _ in 0..<least { try emit(node) }
            guard let most else { return try emitLoop(node) }
            var forks: [Int] = []
            for _ in least..<max(most, least) {
                forks.append(places.count)
                places.append(.fork(places.count + 1, 0))
                try emit(node)
            }
            for fork in forks { places[fork] = .fork(fork + 1, places.count) }
        }
    }

    private func emitLoop(_ node: PatternNode) throws(IndexError) {
        let fork = places.count
        places.append(.fork(fork + 1, 0))
        try emit(node)
        // Back to the fork: both ways lead there.
        places.append(.fork(fork, fork))
        places[fork] = .fork(fork + 1, places.count)
    }

    private func emitChoice(_ nodes: ArraySlice<PatternNode>) throws(IndexError) {
        var ends: [Int] = []
        for (number, node) in nodes.enumerated() {
            let fork = places.count
            let isLast = number == nodes.count - 1
            if !isLast { places.append(.fork(fork + 1, 0)) }
            try emit(node)
            if isLast { break }
            ends.append(places.count)
            places.append(.fork(0, 0))
            places[fork] = .fork(fork + 1, places.count)
        }
        for end in ends { places[end] = .fork(places.count, places.count) }
    }

    /// The places that some places lead to without reading, themselves included.
    private func closure(_ some: [Int]) -> [Int32] {
        mark += 1
        var open = some
        var all: [Int32] = []
        while let place = open.popLast() {
            if marks[place] == mark { continue }
            marks[place] = mark
            if case .fork(let one, let other) = places[place] {
                open.append(one)
                open.append(other)
            } else {
                all.append(Int32(place))
            }
        }
        return all.sorted()
    }

    /// The number of a state; the dead state when there are too many.
    private func state(_ set: [Int32]) -> Int {
        if let number = known[set] { return number }
        held += set.count + 1
        guard held <= Self.mostMemory, steps.count <= Self.mostMemory else {
            isTooComplex = true
            return 0
        }
        let number = states.count
        known[set] = number
        states.append(set)
        isFinal.append(set.last.map { Int($0) == places.count - 1 } ?? false)
        steps += Array(repeating: -1, count: classes.count)
        return number
    }

    @inline(__always)
    func step(_ state: Int, _ scalar: UInt32) -> Int {
        let number = scalar < 128 ? Int(classesOfASCII[Int(scalar)]) : searchedClass(scalar)
        let known = steps[state * classes.count + number]
        return known >= 0 ? Int(known) : makeStep(state, number)
    }

    private func makeStep(_ state: Int, _ number: Int) -> Int {
        let scalar = classes[number]
        var next: [Int] = []
        for place in states[state] {
            guard case .character(let ranges) = places[Int(place)] else { continue }
            work += ranges.count
            if ranges.contains(where: { $0.contains(scalar) }) { next.append(Int(place) + 1) }
        }
        if work > Self.mostWork {
            isTooComplex = true
            next = []
        }
        let target = self.state(closure(next))
        steps[state * classes.count + number] = Int32(target)
        return target
    }

    /// The class of a character: the last that does not begin behind it.
    private func searchedClass(_ scalar: UInt32) -> Int {
        var low = 0
        var high = classes.count
        while low < high {
            let middle = (low + high) / 2
            if classes[middle] <= scalar { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }

    func canMatch(_ state: Int) -> Bool { state != 0 }

    func accepts(_ state: Int) -> Bool { isFinal[state] }
}
