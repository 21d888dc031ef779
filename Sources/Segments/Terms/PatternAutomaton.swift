/// An automaton that matches a pattern against texts, one character (Unicode scalar) a step.
///
/// The pattern is compiled into a program of instructions, an NFA. States are sets of instructions; they are built when
/// they are first reached and kept, so that the automaton becomes a DFA incrementally. A pattern that needs too much
/// memory or work is abandoned, see `isTooComplex`. An instance is not thread-safe: matching adds states.
///
/// ```swift
/// let automaton = try PatternAutomaton(.wildcard("micro*"))
/// var state = automaton.start
/// for scalar in term.unicodeScalars where automaton.canMatch(state) { state = automaton.step(state, scalar.value) }
/// let isMatch = automaton.accepts(state) && !automaton.isTooComplex
/// ```
///
/// Complexity: O(log ranges) a character for a state that was reached before, O(instructions) for a new one. Source:
/// Thompson, "Regular expression search algorithm", 1968.
package final class PatternAutomaton: TermAutomaton {
    /// The maximum number of instructions of a pattern.
    static let maxInstructions = 5000
    /// The maximum number of instructions in all states together, and of entries in the transition table.
    static let maxMemory = 1 << 20
    /// The maximum number of comparisons of a character with a range while states are built.
    static let maxWork = 1 << 26

    /// An instruction of the compiled pattern.
    private enum Instruction {
        /// Consumes a character of the ranges and continues at the next instruction.
        case character([ClosedRange<UInt32>])
        /// Continues at both instructions without consuming a character.
        case fork(Int, Int)
        /// Accepts the text.
        case end
    }

    private var instructions: [Instruction] = []
    /// The first character of each class, ascending: the pattern does not distinguish the characters of a class.
    private let classes: [UInt32]
    /// The class of each ASCII character.
    private var classesOfASCII: [UInt16] = []
    /// The instructions of each state, ascending and without forks. State 0 is the dead state, which has none.
    private var states: [[Int32]] = []
    private var stateNumbers: [[Int32]: Int] = [:]
    /// The next state by state and class; -1 where it has not been computed yet.
    private var transitions: [Int32] = []
    private var isFinal: [Bool] = []
    /// By instruction: the last `closure` that visited it.
    private var visits: [Int]
    private var closures = 0
    /// The number of nodes that were compiled, each repetition counted.
    private var emittedNodes = 0
    /// The number of instructions in all states, plus one for each state.
    private var stateMemory = 0
    /// The number of comparisons with ranges so far.
    private var work = 0
    /// True if the pattern exceeded the limits of memory or work; the automaton must not be trusted any more.
    package private(set) var isTooComplex = false
    /// The UTF-8 bytes with which every matching text begins; may be empty.
    package let beginning: [UInt8]
    package private(set) var start = 0

    /// Compiles a pattern.
    ///
    /// Errors: `request` when the pattern has more than `maxInstructions` once its repetitions are unrolled.
    /// Complexity: O(unrolled nodes).
    package init(_ pattern: PatternNode) throws(IndexError) {
        beginning = Array(pattern.prefix.utf8)
        classes = Self.boundaries(pattern)
        visits = []
        try emit(pattern)
        instructions.append(.end)
        visits = Array(repeating: 0, count: instructions.count)
        // The dead state has number 0.
        _ = state([])
        classesOfASCII = (0..<128).map { UInt16(truncatingIfNeeded: searchedClass($0)) }
        start = state(closure([0]))
    }

    /// Returns the first character of each class, ascending.
    private static func boundaries(_ pattern: PatternNode) -> [UInt32] {
        var starts: Set<UInt32> = [0]
        func collect(_ node: PatternNode) {
            switch node {
            case .empty: break
            case .character(let ranges):
                for range in ranges {
                    starts.insert(range.lowerBound)
                    starts.insert(range.upperBound + 1)
                }
            case .sequence(let nodes), .choice(let nodes): nodes.forEach(collect)
            case .repeated(let node, _, _): collect(node)
            }
        }
        collect(pattern)
        return starts.sorted()
    }

    /// Appends the instructions of a pattern; whatever follows the pattern comes after them.
    private func emit(_ node: PatternNode) throws(IndexError) {
        emittedNodes += 1
        guard instructions.count < Self.maxInstructions, emittedNodes < 4 * Self.maxInstructions else {
            throw .request(problem: "the pattern is too complex; use fewer or smaller repetitions")
        }
        switch node {
        case .empty: break
        case .character(let ranges): instructions.append(.character(ranges))
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .choice(let nodes): try emitChoice(nodes[...])
        case .repeated(let node, let minimum, let maximum):
            for _ in 0..<minimum { try emit(node) }
            guard let maximum else { return try emitLoop(node) }
            var forks: [Int] = []
            for _ in minimum..<max(maximum, minimum) {
                forks.append(instructions.count)
                instructions.append(.fork(instructions.count + 1, 0))
                try emit(node)
            }
            for fork in forks { instructions[fork] = .fork(fork + 1, instructions.count) }
        }
    }

    /// Appends the instructions of a pattern that is repeated any number of times.
    private func emitLoop(_ node: PatternNode) throws(IndexError) {
        let fork = instructions.count
        instructions.append(.fork(fork + 1, 0))
        try emit(node)
        // A jump back to the fork, as a fork with one target.
        instructions.append(.fork(fork, fork))
        instructions[fork] = .fork(fork + 1, instructions.count)
    }

    /// Appends the instructions of alternatives: all but the last begin with a fork to the next one and end with a jump
    /// to the end.
    private func emitChoice(_ nodes: ArraySlice<PatternNode>) throws(IndexError) {
        var ends: [Int] = []
        for (index, node) in nodes.enumerated() {
            let fork = instructions.count
            let isLast = index == nodes.count - 1
            if !isLast { instructions.append(.fork(fork + 1, 0)) }
            try emit(node)
            if isLast { break }
            ends.append(instructions.count)
            instructions.append(.fork(0, 0))
            instructions[fork] = .fork(fork + 1, instructions.count)
        }
        for end in ends { instructions[end] = .fork(instructions.count, instructions.count) }
    }

    /// Returns the instructions that can be reached from the given ones without consuming a character, ascending; forks
    /// themselves are left out.
    private func closure(_ seeds: [Int]) -> [Int32] {
        closures += 1
        var pending = seeds
        var reached: [Int32] = []
        while let instruction = pending.popLast() {
            if visits[instruction] == closures { continue }
            visits[instruction] = closures
            if case .fork(let first, let second) = instructions[instruction] {
                pending.append(first)
                pending.append(second)
            } else {
                reached.append(Int32(instruction))
            }
        }
        return reached.sorted()
    }

    /// Returns the number of the state that is a set of instructions; the dead state if there are too many.
    private func state(_ set: [Int32]) -> Int {
        if let number = stateNumbers[set] { return number }
        stateMemory += set.count + 1
        guard stateMemory <= Self.maxMemory, transitions.count <= Self.maxMemory else {
            isTooComplex = true
            return 0
        }
        let number = states.count
        stateNumbers[set] = number
        states.append(set)
        isFinal.append(set.last.map { Int($0) == instructions.count - 1 } ?? false)
        transitions += Array(repeating: -1, count: classes.count)
        return number
    }

    @inline(__always)
    package func step(_ state: Int, _ scalar: UInt32) -> Int {
        let classIndex = scalar < 128 ? Int(classesOfASCII[Int(scalar)]) : searchedClass(scalar)
        let target = transitions[state * classes.count + classIndex]
        return target >= 0 ? Int(target) : makeStep(state, classIndex)
    }

    /// Computes the state after a character of a class and stores it in the transition table.
    private func makeStep(_ state: Int, _ classIndex: Int) -> Int {
        let scalar = classes[classIndex]
        var next: [Int] = []
        for instruction in states[state] {
            guard case .character(let ranges) = instructions[Int(instruction)] else { continue }
            work += ranges.count
            if ranges.contains(where: { $0.contains(scalar) }) { next.append(Int(instruction) + 1) }
        }
        if work > Self.maxWork {
            isTooComplex = true
            next = []
        }
        let target = self.state(closure(next))
        transitions[state * classes.count + classIndex] = Int32(target)
        return target
    }

    /// Returns the class of a character: the last one that does not begin after it. Complexity: O(log classes).
    private func searchedClass(_ scalar: UInt32) -> Int {
        var low = 0
        var high = classes.count
        while low < high {
            let middle = (low + high) / 2
            if classes[middle] <= scalar { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }

    package func canMatch(_ state: Int) -> Bool { state != 0 }

    package func accepts(_ state: Int) -> Bool { isFinal[state] }
}
