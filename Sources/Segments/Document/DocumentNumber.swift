extension NumberCodec {
    /// Returns the sort key of a document's value; nil for a text that is not a date.
    package func key(_ value: DocumentValue, _ document: borrowing DocumentBuffer) -> UInt64? {
        guard case .date = self else { return key(bits: value.number) }
        return Timestamp.period(document.text(value)).map { SortKey.of($0.lowerBound) }
    }
}
