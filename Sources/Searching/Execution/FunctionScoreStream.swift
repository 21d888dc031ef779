import Segments

/// A score function bound to the columns of a segment.
enum SegmentFunction {
    /// A weight for the documents of a stream; without one no document of the segment has the weight.
    case weight(Double, (any DocumentStream)?)
    case popularity(SegmentPopularity)

    /// An upper bound of the function's values for a range of documents.
    func maximum(_ documents: Range<Int>) -> Double {
        if case .popularity(let popularity) = self { return popularity.greatestFactor(documents) }
        return maximum
    }

    /// An upper bound of the function's values in the segment.
    var maximum: Double {
        switch self {
        case .popularity(let popularity): popularity.greatestFactor
        case .weight(let weight, _): max(weight, 1)
        }
    }
}

/// A stream of the documents of another stream, with their scores multiplied by functions of their columns.
///
/// Bounds and thresholds of the inner stream are scaled by an upper bound of the product in the window, so skipping
/// still works.
final class FunctionScoreStream: RescoringStream {
    let base: any DocumentStream
    private let functions: [SegmentFunction]
    /// The documents of `base` with scores multiplied by at least one function.
    init(_ base: any DocumentStream, _ functions: [SegmentFunction]) {
        self.base = base
        self.functions = functions
    }

    /// An upper bound of the product of all functions in a window.
    private func maxProduct(_ start: Int) -> Double {
        let documents = start..<(start + scope.windowSize)
        return min(functions.reduce(1) { $0 * $1.maximum(documents) }, ScoreFunction.maxProduct)
    }

    func bound(_ start: Int) -> Double {
        let bound = base.bound(start)
        return bound <= 0 ? bound : Double(Float(bound * maxProduct(start)).nextUp)
    }

    func collect(_ start: Int, minScore: Double, into list: CandidateList) {
        // The threshold is lowered a little, because products are rounded.
        let least = minScore <= 0 ? -.infinity : minScore / maxProduct(start) * (1 - 1e-6)
        base.collect(start, minScore: least, into: list)
        // The base may return more than it must; the functions of those would be computed for nothing.
        list.drop(below: least)
        multiply(start, list)
        list.drop(below: minScore)
    }

    func refine(_ start: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        addScores(to: list, isRequired: isRequired, minScore: minScore) { matching in
            base.refine(start, matching, isRequired: true, minScore: -.infinity)
            multiply(start, matching)
        }
    }

    /// Multiplies the scores of the candidates by the capped product of all functions and rounds them to floats.
    private func multiply(_ start: Int, _ list: CandidateList) {
        if list.count == 0 { return }
        scope.withList { products in
            for i in 0..<list.count { products.append(Int(list.slots[i]), 1) }
            for function in functions { multiply(start, products, function) }
            for i in 0..<list.count {
                let product = min(products.scores[i], ScoreFunction.maxProduct)
                list.scores[i] = Double(Float(list.scores[i] * product))
            }
        }
    }

    /// Multiplies the scores of `products` by one function.
    private func multiply(_ start: Int, _ products: CandidateList, _ function: SegmentFunction) {
        switch function {
        case .popularity(let popularity):
            popularity.multiply(start, products, scope)
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
}
