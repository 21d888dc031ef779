import Glibc

/// The number of descriptors (files and sockets) that the process may have open.
package enum DescriptorLimit {
    /// The most descriptors that are asked for.
    private static let wanted: rlim_t = 65_536

    /// Raises the soft limit towards the hard limit, to 65,536 at most. Returns the limit that is in force; a limit
    /// that cannot be read counts as 1,024.
    package static func raise() -> Int {
        guard let limit else { return inForce }
        let better = min(limit.rlim_max, wanted)
        if better > limit.rlim_cur {
            var raised = limit
            raised.rlim_cur = better
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised)
        }
        return inForce
    }

    /// The limit that is in force, 65,536 at most; one that cannot be read counts as 1,024.
    static var inForce: Int { Int(min(limit?.rlim_cur ?? 1024, wanted)) }

    private static var limit: rlimit? {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
    }

    /// The most connections of a server with a limit of `descriptors`, that serves `catalogs` catalogs.
    ///
    /// A quarter of the descriptors, from 24 to 256, is kept back for the program itself, for replies to connections
    /// beyond the limit, and for the files that writers, merges and searches open for a moment. Each catalog that is
    /// written keeps four more. At least four connections are left, at most 10,000.
    package static func connections(descriptors: Int, catalogs: Int) -> Int {
        let kept = 16 + min(max(descriptors / 4, 24), 256) + 4 * catalogs
        return min(max(descriptors - kept, 4), 10_000)
    }
}
