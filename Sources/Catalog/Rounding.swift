extension Double {
    /// Returns the nearest number with at most `places` digits after the point.
    func rounded(toPlaces places: Int) -> Double {
        let factor = (0..<places).reduce(1.0) { value, _ in value * 10 }
        return (self * factor).rounded() / factor
    }
}
