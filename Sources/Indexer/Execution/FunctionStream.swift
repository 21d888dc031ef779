import Kernels

/// A function of documents as a segment has it.
enum SegmentFunction {
    case value(PatchedColumn, NumberCodec, factor: Double, ScoreFunction.Modifier, missing: Double)
    case decay(PatchedColumn, NumberCodec, ScoreFunction.Decay)
    /// Without a stream no document of the segment has the weight.
    case weight(Double, (any DocumentStream)?)

    /// No value in the segment is above this.
    var greatest: Double {
        switch self {
        case .weight(let weight, _): max(weight, 1)
        case .decay: 1
        case .value: ScoreFunction.greatest
        }
    }
}

/// The documents of a stream, their scores multiplied by functions of their columns.
final class FunctionStream: DocumentStream {
    var scope: SegmentScope { base.scope }
    var cost: Int { base.cost }
    private let base: any DocumentStream
    private let functions: [SegmentFunction]
    private let greatest: Double

    init(_ base: any DocumentStream, _ functions: [SegmentFunction]) {
        self.base = base
        self.functions = functions
        greatest = min(functions.reduce(1) { $0 * $1.greatest }, ScoreFunction.greatest)
    }

    var widestWindow: Int { base.widestWindow }

    func nextWindow(from start: Int) -> Int? { base.nextWindow(from: start) }
    func match(_ start: Int, into bits: UnsafeMutablePointer<UInt64>) { base.match(start, into: bits) }
    func restrict(_ start: Int, _ bits: UnsafeMutablePointer<UInt64>) { base.restrict(start, bits) }
    func matches(_ start: Int, into list: CandidateList) { base.matches(start, into: list) }
    func filter(_ start: Int, _ list: CandidateList) { base.filter(start, list) }
    func count(_ start: Int) -> Int { base.count(start) }

    func bound(_ start: Int) -> Double {
        let bound = base.bound(start)
        return bound <= 0 ? bound : Double(Float(bound * greatest).nextUp)
    }

    func collect(_ start: Int, need: Double, into list: CandidateList) {
        // A little less, because products are rounded.
        base.collect(start, need: need <= 0 ? -.infinity : need / greatest * (1 - 1e-6), into: list)
        multiply(start, list)
        list.drop(below: need)
    }

    func refine(_ start: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        if list.count == 0 { return }
        scope.withList { matching in
            for i in 0..<list.count { matching.append(Int(list.slots[i]), 0) }
            base.refine(start, matching, isRequired: true, need: -.infinity)
            multiply(start, matching)
            list.add(matching, isRequired: isRequired)
            list.drop(below: need)
        }
    }

    /// Multiplies the scores of documents by their functions.
    private func multiply(_ start: Int, _ list: CandidateList) {
        if list.count == 0 { return }
        scope.withList { products in
            for i in 0..<list.count { products.append(Int(list.slots[i]), 1) }
            for function in functions { multiply(start, products, function) }
            for i in 0..<list.count {
                let product = min(products.scores[i], ScoreFunction.greatest)
                list.scores[i] = Double(Float(list.scores[i] * product))
            }
        }
    }

    private func multiply(_ start: Int, _ products: CandidateList, _ function: SegmentFunction) {
        switch function {
        case .value(let column, let codec, let factor, let modifier, let missing):
            for i in 0..<products.count {
                let key = column.key(start &+ Int(products.slots[i]))
                products.scores[i] *= Self.usable(key.map { modifier(factor * codec.number($0)) } ?? missing)
            }
        case .decay(let column, let codec, let decay):
            for i in 0..<products.count {
                guard let key = column.key(start &+ Int(products.slots[i])) else { continue }
                products.scores[i] *= Self.usable(decay(codec.number(key)))
            }
        case .weight(let weight, let stream):
            guard let stream else { return }
            scope.withList { matching in
                for i in 0..<products.count { matching.append(Int(products.slots[i]), 0) }
                stream.filter(start, matching)
                var next = 0
                for i in 0..<products.count where next < matching.count && matching.slots[next] == products.slots[i] {
                    products.scores[i] *= weight
                    next &+= 1
                }
            }
        }
    }

    /// A value as it counts.
    private static func usable(_ value: Double) -> Double { value > 0 ? min(value, ScoreFunction.greatest) : 0 }
}
