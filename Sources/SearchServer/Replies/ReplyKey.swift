import Kernels

/// A request for something of a catalog in a normal form: requests with equal keys have the same reply to one view of
/// the catalog.
///
/// The order of the parameters does not matter, nor does `timeout_ms`, which only decides if there is a reply to keep.
struct ReplyKey: Sendable, Hashable {
    /// The name of the catalog.
    let catalog: String
    /// The resource and the parameters. Zeros and ones separate them: a text that has some itself is not mistaken for
    /// another request, because each part has its length before it. As bytes: strings are equal that only look alike.
    private let bytes: [UInt8]

    /// Creates the key of a request for a resource, such as `search`, with decoded parameters.
    init(_ resource: StaticString, of catalog: String, _ parameters: [(name: String, value: String)] = []) {
        self.catalog = catalog
        var text = "\(resource)"
        for (name, value) in parameters.sorted(by: { $0.name < $1.name }) where name != "timeout_ms" {
            text += "\u{0}\(name.utf8.count) \(name)\u{0}\(value.utf8.count) \(value)"
        }
        bytes = Array(text.utf8)
    }

    /// The number of bytes that the key takes up in a cache, about.
    var byteCount: Int { 2 * (catalog.utf8.count + bytes.count) + 64 }

    /// The entity tag of the reply to a view of the catalog (`CatalogSearcher.view`). It is a weak one, as the reply
    /// may be compressed or not.
    ///
    /// Views are numbered anew when the server starts, so that a tag has a number of the process as well.
    func tag(_ view: UInt64) -> String {
        let hash = bytes.withUnsafeBufferPointer { bytes in bytes.baseAddress.map { hash64($0, bytes.count) } ?? 0 }
        return "W/\"\(Self.process)-\(String(view, radix: 36))-\(String(hash, radix: 36))\""
    }

    private static let process = String(UInt64.random(in: 0 ... .max), radix: 36)
}
