import Kernels

/// Views of catalogs that cursors go on in: kept while they are used, so that paging visits every hit once whatever is
/// written meanwhile.
final class PinnedViews: Sendable {
    /// Most views of a catalog at a time; the one that was not used for longest goes first.
    static let most = 32
    /// How long a view stays without being used.
    static let patience = Duration.seconds(120)

    private struct View {
        var name: UInt64
        var searcher: CatalogSearcher
        var used: ContinuousClock.Instant
    }

    private let views = Monitor<[View]>([])

    /// Keeps a catalog as a search saw it; answers the view's name, the same for the same view.
    func pin(_ searcher: CatalogSearcher, now: ContinuousClock.Instant = .now) -> UInt64 {
        views.withLock { views in
            views.removeAll { $0.used + Self.patience < now }
            if let known = views.firstIndex(where: {
                $0.searcher.reader === searcher.reader && $0.searcher.name == searcher.name
            }) {
                views[known].used = now
                return views[known].name
            }
            let own = views.indices.filter { views[$0].searcher.name == searcher.name }
            if own.count >= Self.most, let oldest = own.min(by: { views[$0].used < views[$1].used }) {
                views.remove(at: oldest)
            }
            // Nobody guesses another's view.
            let name = UInt64.random(in: .min ... .max)
            views.append(View(name: name, searcher: searcher, used: now))
            return name
        }
    }

    /// Lets go of views that were not used for long, and of their files.
    func sweep(now: ContinuousClock.Instant = .now) {
        views.withLock { $0.removeAll { $0.used + Self.patience < now } }
    }

    /// The view of that name of a catalog; nil when it is not kept any more.
    func view(_ name: UInt64, of catalog: String, now: ContinuousClock.Instant = .now) -> CatalogSearcher? {
        views.withLock { views in
            views.removeAll { $0.used + Self.patience < now }
            guard let known = views.firstIndex(where: { $0.name == name && $0.searcher.name == catalog }) else {
                return nil
            }
            views[known].used = now
            return views[known].searcher
        }
    }
}
