/// A unit of a query in the terms of all groups of fields that know it.
///
/// Groups cut and stem a query each in their way: what they make of one place of it is one unit, which a document has
/// as soon as it has what one of them makes.
struct SharedUnit {
    /// A unit of one group.
    struct Member: Hashable {
        /// The group's number.
        var group: Int
        /// The unit's number in the group.
        var unit: Int
    }

    /// What the groups make of it, in the order of the groups.
    var members: [Member]
    /// How often the query says it.
    var count = 1

    /// The units of a query that each group of fields has in its own terms, in the order of the query. Places at which
    /// all groups say the same are one unit. Complexity: O(units²), O(units) for one group.
    static func all(_ groups: [QueryUnits]) -> [SharedUnit] {
        let starts = groups.map { words in
            var starts: [Int: [Int]] = [:]
            for (number, unit) in words.units.enumerated() {
                for span in unit.spans { starts[span.lowerBound, default: []].append(number) }
            }
            return starts
        }
        var shared: [SharedUnit] = []
        var known: [[Member]: Int] = [:]
        for place in Set(starts.flatMap(\.keys)).sorted() {
            var members: [Member] = []
            for (group, words) in groups.enumerated() {
                let here = starts[group][place] ?? words.units(around: place)
                members += here.map { Member(group: group, unit: $0) }
            }
            if let number = known[members] {
                shared[number].count += 1
            } else {
                known[members] = shared.count
                shared.append(SharedUnit(members: members))
            }
        }
        return shared
    }
}

extension QueryUnits {
    /// The units that begin before a place of the query and go on there, by their numbers.
    fileprivate func units(around place: Int) -> [Int] {
        units.indices.filter { units[$0].spans.contains { $0.lowerBound < place && place < $0.upperBound } }
    }
}
