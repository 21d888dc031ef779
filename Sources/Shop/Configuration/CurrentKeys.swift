import Synchronization

/// The ring of keys as a process has it. It is read again from the data folder when something comes that was signed
/// with a key that is not in it: another process may have started since the keys were rotated.
package final class CurrentKeys: Sendable {
    private static let pause = Duration.seconds(1)

    private let folder: String?
    private let state: Mutex<(ring: KeyRing, readAgain: ContinuousClock.Instant?)>

    /// The ring.
    var ring: KeyRing { state.withLock { $0.ring } }

    /// Creates the keys of a ring that is read again from a folder, or never for nil.
    init(_ ring: KeyRing, folder: String? = nil) {
        self.folder = folder
        state = Mutex((ring, nil))
    }

    /// Returns what a body finds with the ring; if it finds nothing, with the ring as it is in the folder now.
    /// Strangers could ask for that at any rate: it is read once a second at most.
    func first<Value>(_ body: (KeyRing) throws -> Value?) rethrows -> Value? {
        let known = ring
        if let value = try body(known) { return value }
        let now = reread()
        return now.current.id == known.current.id ? nil : try body(now)
    }

    private func reread() -> KeyRing {
        state.withLock { state in
            let isDue = state.readAgain.map { ContinuousClock.now - $0 >= Self.pause } ?? true
            // A file that cannot be read leaves the ring as it is.
            if isDue, let folder {
                state.readAgain = .now
                if let ring = try? KeyRing.open(in: folder) { state.ring = ring }
            }
            return state.ring
        }
    }
}
