import NIOCore
import TestSupport
import Testing

@testable import SearchServer

/// The cache of replies, without a server.
@Suite struct ReplyCacheTests {
    private func key(_ number: Int, of catalog: String = "books") -> ReplyKey {
        ReplyKey("search", of: catalog, [("q", "\(number)")])
    }

    @Test func theOrderOfParametersAndTheTimeDoNotMatter() {
        let key = ReplyKey("search", of: "books", [("q", "a"), ("page", "2")])
        #expect(key == ReplyKey("search", of: "books", [("page", "2"), ("timeout_ms", "7"), ("q", "a")]))
        #expect(key.tag(3) == ReplyKey("search", of: "books", [("page", "2"), ("q", "a")]).tag(3))
        // Strings that are canonically equivalent are other keys of documents and other values of filters.
        #expect("\u{F900}" == "\u{8C48}")
        #expect(
            ReplyKey("document", of: "b", [("id", "\u{F900}")]) != ReplyKey("document", of: "b", [("id", "\u{8C48}")]))
        #expect(key.tag(3) != key.tag(4))
        for other in [
            ReplyKey("search", of: "books", [("q", "a"), ("page", "3")]), ReplyKey("search", of: "books", [("q", "a")]),
            ReplyKey("suggest", of: "books", [("q", "a"), ("page", "2")]),
            ReplyKey("search", of: "films", [("q", "a"), ("page", "2")]),
            ReplyKey("search", of: "books", [("q", "a\u{0}4 page\u{0}1 2")]),
            ReplyKey("search", of: "books", [("page", "2\u{0}1 q\u{0}1 a")]),
        ] {
            #expect(key != other)
        }
    }

    /// Whatever is asked for and kept, the bodies are those of the newest view, and never more than fits.
    @Test func bodiesAreThoseOfTheirViewAndWithinTheLimit() {
        var random = SplitMix64(seed: SplitMix64.varied(3))
        for limit in [20_000, 100_000] {
            let cache = ReplyCache(maxBytes: limit)
            var views = ["books": UInt64(1), "films": 2]
            var hits = 0
            var misses = 0
            var most = 0
            for round in 0..<20_000 {
                let catalog = random.pick(["books", "films"])
                if random.chance(1) { views[catalog] = UInt64(round + 10) }
                let isLate = random.chance(5)
                let view = (views[catalog] ?? 0) - (isLate ? 1 : 0)
                let number = random.skewed(below: 200)
                let isGzip = random.chance(50)
                let text = "\(catalog) \(number) \(view) \(isGzip)"
                if let body = cache.reply(for: key(number, of: catalog), isGzip: isGzip, view: view)?.body {
                    #expect(String(buffer: body).hasPrefix(text + " "))
                    hits += 1
                } else {
                    let filler = String(repeating: "x", count: random.below(900))
                    let body = ByteBuffer(string: "\(text) \(filler)")
                    cache.insert(body, for: key(number, of: catalog), isGzip: isGzip, view: view)
                    misses += 1
                }
                most = max(most, cache.statistics.bytes)
            }
            #expect(most <= limit)
            #expect(most > limit / 2)
            #expect(hits > 1000)
            #expect(cache.statistics.hits == hits)
            #expect(cache.statistics.misses == misses)
        }
    }

    @Test func repliesOfOlderViewsGo() {
        let cache = ReplyCache(maxBytes: 1 << 20)
        for number in 0..<100 { cache.insert(ByteBuffer(string: "old"), for: key(number), isGzip: false, view: 1) }
        cache.insert(ByteBuffer(string: "film"), for: key(1, of: "films"), isGzip: false, view: 2)
        let before = cache.statistics.bytes
        cache.insert(ByteBuffer(string: "new"), for: key(500), isGzip: false, view: 3)
        #expect(cache.statistics.bytes < before / 10)
        #expect(cache.reply(for: key(1), isGzip: false, view: 1)?.body == nil)
        #expect(cache.reply(for: key(500), isGzip: false, view: 3)?.body == ByteBuffer(string: "new"))
        #expect(cache.reply(for: key(1, of: "films"), isGzip: false, view: 2)?.body == ByteBuffer(string: "film"))
        // A slow search of an older view comes too late.
        cache.insert(ByteBuffer(string: "late"), for: key(500), isGzip: false, view: 1)
        #expect(cache.reply(for: key(500), isGzip: false, view: 3)?.body == ByteBuffer(string: "new"))
    }

    /// Replies that are asked for stay while others come and go.
    @Test func whatIsUsedStays() {
        let cache = ReplyCache(maxBytes: 50_000)
        cache.insert(ByteBuffer(string: "popular"), for: key(0), isGzip: false, view: 1)
        for number in 1..<1000 {
            cache.insert(ByteBuffer(string: "rare"), for: key(number), isGzip: false, view: 1)
            #expect(cache.reply(for: key(0), isGzip: false, view: 1)?.body != nil)
        }
        #expect(cache.reply(for: key(1), isGzip: false, view: 1)?.body == nil)
        #expect(cache.reply(for: key(999), isGzip: false, view: 1)?.body != nil)
    }

    @Test func withoutRoomNothingIsKept() {
        let none = ReplyCache(maxBytes: 0)
        none.insert(ByteBuffer(string: "a"), for: key(1), isGzip: false, view: 1)
        #expect(none.reply(for: key(1), isGzip: false, view: 1)?.body == nil)
        #expect(none.statistics == ReplyCache.Statistics())
        let small = ReplyCache(maxBytes: 10_000)
        small.insert(ByteBuffer(repeating: 1, count: 1000), for: key(1), isGzip: false, view: 1)
        #expect(small.reply(for: key(1), isGzip: false, view: 1)?.body == nil)
    }
}
