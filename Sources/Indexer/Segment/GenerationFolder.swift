import Storage

/// Where the files of one generation lie.
struct GenerationFolder: Sendable {
    let path: String
    let files: any FileSystem

    /// The path of a segment's file.
    func segment(_ name: String) -> String { path + "/" + name + ".seg" }

    /// The path of a file of changes to a segment.
    func changes(_ name: String, _ number: Int) -> String { path + "/\(name)-\(number).changes" }

    /// The path of the write-ahead log that begins with a sequence number.
    func log(_ first: Int) -> String { path + "/wal-\(first)" }

    /// The path of a file of tombstones.
    func tombstones(_ number: Int) -> String { path + "/tombstones-\(number)" }
}
