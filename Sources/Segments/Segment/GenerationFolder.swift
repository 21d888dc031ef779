package import Storage

/// The folder of one generation, with the paths of its files.
package struct GenerationFolder: Sendable {
    /// The path of the folder.
    package let path: String
    /// The file system that the folder is in.
    package let files: any FileSystem

    package init(path: String, files: any FileSystem) {
        self.path = path
        self.files = files
    }

    /// Returns the path of a segment file.
    package func segment(_ name: String) -> String { path + "/" + name + ".seg" }

    /// Returns the path of a file of updates to a segment.
    package func updates(_ name: String, _ number: Int) -> String { path + "/\(name)-\(number).changes" }

    /// Returns the path of the write-ahead log whose first record has a sequence number.
    package func log(_ first: Int) -> String { path + "/wal-\(first)" }

    /// Returns the path of a tombstones file.
    package func tombstones(_ number: Int) -> String { path + "/tombstones-\(number)" }
}
