import FoundationEssentials

/// A temporary folder, removed with this object.
final class ExampleFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/quire-example-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file into the folder and returns its path.
    func write(_ name: String, _ text: String) throws -> String {
        let file = path + "/" + name
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }
}
