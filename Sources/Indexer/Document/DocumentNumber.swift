extension NumberCodec {
    /// The key of a document's value; nil for a text that is no date.
    func key(_ value: DocumentValue, _ document: borrowing DocumentBuffer) -> UInt64? {
        guard case .date = self else { return key(bits: value.number) }
        return Moment.period(document.text(value)).map { SortKey.of($0.lowerBound) }
    }
}
