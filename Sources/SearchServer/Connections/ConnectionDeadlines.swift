import NIOCore

/// The deadlines of one connection, as a value without a clock: every call says what time it is.
///
/// Only waiting for the client counts: a body's silence is measured while bytes are asked for, a reply's while bytes
/// are ready to be taken.
struct ConnectionDeadlines {
    /// The state of the connection.
    enum Phase {
        /// It has no request, and no byte of one.
        case waiting
        /// The head of a request arrives.
        case head
        /// The body of a request arrives.
        case body
        /// The request is complete, its reply is not.
        case answering
        /// The server has closed its side and waits until the client closes.
        case lingering
    }

    /// The deadlines that can pass.
    enum Expiry: Equatable {
        case idle, head, body, write, linger
    }

    private let limits: ServerLimits
    /// The state of the connection.
    private(set) var phase = Phase.waiting
    /// The end of the phase, for those that have a fixed one.
    private var phaseEnd: NIODeadline?
    /// The silence that the body may still have.
    private var silence: TimeAmount
    /// The time since which bytes are asked for; nil if none are.
    private var readingSince: NIODeadline?
    /// The bytes of replies that had left at the last progress, and the end of the time for the next progress; nil if
    /// no reply is on its way.
    private var writing: (left: Int, end: NIODeadline)?

    /// Creates the deadlines of a new connection.
    init(_ limits: ServerLimits, now: NIODeadline) {
        self.limits = limits
        silence = TimeAmount(limits.bodySilence)
        phaseEnd = now + TimeAmount(limits.idleTime)
    }

    /// Begins a phase.
    mutating func begin(_ next: Phase, now: NIODeadline) {
        phase = next
        switch next {
        case .waiting: phaseEnd = now + TimeAmount(limits.idleTime)
        case .head: phaseEnd = now + TimeAmount(limits.headTime)
        case .lingering: phaseEnd = now + TimeAmount(limits.lingerTime)
        case .body:
            phaseEnd = nil
            silence = TimeAmount(limits.bodySilence)
            if readingSince != nil { readingSince = now }
        case .answering: phaseEnd = nil
        }
    }

    /// Records that bytes are asked for.
    mutating func askedForBytes(now: NIODeadline) { readingSince = readingSince ?? now }

    /// Records that `count` bytes have arrived.
    mutating func received(_ count: Int, now: NIODeadline) {
        if phase == .body, let readingSince {
            let gained = Int64(count) * 1_000_000_000 / Int64(max(limits.bodyRate, 1))
            let left = silence - (now - readingSince) + .nanoseconds(gained)
            silence = min(left, TimeAmount(limits.bodySilence))
        }
        readingSince = nil
    }

    /// Records how many bytes of replies have left in all, and whether more wait to be taken.
    mutating func wrote(left: Int, isPending: Bool, now: NIODeadline) {
        guard isPending else { return writing = nil }
        if let writing, writing.left == left { return }
        writing = (left, now + TimeAmount(limits.writeTime))
    }

    /// The lateness of a timer from which on it counts as a standstill.
    private static let tolerance = TimeAmount.seconds(1)
    /// The least time that clients have after a standstill: the server has much to do then.
    private static let grace = TimeAmount.seconds(5)

    /// Moves all deadlines if the process stood still: what the client sent meanwhile has not been seen. A timer that
    /// should have fired at `due` and has not at `now` tells so. Returns true if they were moved.
    mutating func resume(at now: NIODeadline, due: NIODeadline) -> Bool {
        guard now - due > Self.tolerance else { return false }
        let pause = now - due + Self.grace
        phaseEnd = phaseEnd.map { $0 + pause }
        readingSince = readingSince.map { $0 + pause }
        writing = writing.map { ($0.left, $0.end + pause) }
        return true
    }

    /// The next time at which a deadline can pass; nil if none can.
    var next: NIODeadline? {
        [phaseEnd, bodyEnd, writing?.end].compactMap { $0 }.min()
    }

    /// The deadline that has passed; nil if none has.
    func expiry(at now: NIODeadline) -> Expiry? {
        if let writing, writing.end <= now { return .write }
        if let bodyEnd, bodyEnd <= now { return .body }
        guard let phaseEnd, phaseEnd <= now else { return nil }
        switch phase {
        case .waiting: return .idle
        case .head: return .head
        case .lingering: return .linger
        case .body, .answering: return nil
        }
    }

    /// The time at which the body's silence is used up.
    private var bodyEnd: NIODeadline? {
        guard phase == .body, let readingSince else { return nil }
        return readingSince + silence
    }
}
