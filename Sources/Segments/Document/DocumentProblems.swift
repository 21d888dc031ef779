extension Members {
    /// Returns a description of the first value that the schema refuses; nil when it accepts all values.
    ///
    /// Complexity: O(values), and O(bytes) for dates.
    package func problem(of document: borrowing DocumentBuffer) -> String? {
        for i in 0..<document.values.count {
            let value = document.values[i]
            let member = Int(value.member)
            let problem =
                all[member].kind == .text ? problem(member, document.text(value)) : problem(member, bits: value.number)
            if let problem { return problem }
        }
        return nil
    }
}
