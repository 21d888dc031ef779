import Foundation
import Searching

/// The factor of a popularity for a document, by its documentation.
func naiveFactor(_ popularity: Popularity, _ document: NaiveDocument) -> Double {
    var demand = 0.0
    var others = 0.0
    var kept = 1.0
    for signal in popularity.signals {
        guard let number = document.numbers[signal.field]?.plain else { continue }
        switch signal.gain {
        case .count(let perTenfold, let most):
            if number > 0 { demand = max(demand, min(most, log10(1 + number) * perTenfold)) }
        case .rank(let perTenfold, let last):
            if number >= 1, number < last { demand = max(demand, log10(last / number) * perTenfold) }
        case .linear(let best, let from, let to):
            others += number <= from ? 0 : number >= to ? best : (number - from) / (to - from) * best
        case .recency(let newest, let now, let halfLife):
            others += number >= now ? newest : exp2((number - now) / halfLife) * newest
        case .soldOut(let loss): kept *= number > 0 ? 1 : loss == 1 ? Popularity.lastFactor : 1 - loss
        }
    }
    return (1 + demand + others) * kept
}
