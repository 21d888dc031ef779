import Crypto
import FoundationEssentials
import Glibc
import HTTPTypes
import Hummingbird

/// The pictures of goods: files in the folder `images` of the data folder, each named after the SHA-256 of its bytes.
///
/// A name stands for its bytes for ever, so browsers keep what they have got. The route is `GET /images/{name}`.
package struct Pictures: Sendable {
    private static let folderName = "images"

    private let folder: String

    init(data folder: String) throws {
        self.folder = folder + "/" + Self.folderName
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
    }

    /// Keeps the picture of a file, and returns its address in the shop. Errors: `PictureProblem`.
    package func keep(file path: String) throws -> String {
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw PictureProblem.unreadable(path) }
        guard facts.st_size <= Picture.sizeLimit else { throw PictureProblem.tooLarge }
        guard let data = FileManager.default.contents(atPath: path) else { throw PictureProblem.unreadable(path) }
        return try keep(Array(data))
    }

    /// Keeps a picture, durably, and returns its address in the shop. Errors: `PictureProblem`.
    func keep(_ bytes: [UInt8]) throws -> String {
        let name = sha256(bytes) + "." + (try Picture(bytes).kind.rawValue)
        let path = folder + "/" + name
        if !FileManager.default.fileExists(atPath: path) { try write(bytes, to: path) }
        // Whoever wrote the file may have died before this.
        guard sync(folder) else { throw PictureProblem.unwritable(path) }
        return "/" + Self.folderName + "/" + name
    }

    /// Writes a file that is there whole or not at all, also after a power cut.
    private func write(_ bytes: [UInt8], to path: String) throws {
        let draft = path + "-" + randomToken() + ".draft"
        defer { unlink(draft) }
        do {
            try Data(bytes).write(to: URL(filePath: draft))
        } catch {
            throw PictureProblem.unwritable(path)
        }
        guard sync(draft), rename(draft, path) == 0 else { throw PictureProblem.unwritable(path) }
    }

    /// Brings a file or a folder to the disk. False if that failed.
    private func sync(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }

    func add(to router: Router<ShopContext>) {
        router.get("\(Self.folderName)/:name") { request, context in
            let name = try context.parameters.require("name")
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].utf8.count == 64,
                parts[0].utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }),
                let kind = PictureKind(rawValue: String(parts[1])),
                FileManager.default.fileExists(atPath: folder + "/" + name)
            else { throw Problem.missing("picture") }
            let headers: HTTPFields = [
                .contentType: kind.mediaType, .cacheControl: "public, max-age=31536000, immutable",
                .eTag: "\"\(parts[0])\"",
            ]
            if request.headers[.ifNoneMatch]?.contains(parts[0]) == true {
                return Response(status: .notModified, headers: headers)
            }
            do {
                let body = try await FileIO().loadFile(path: folder + "/" + name, context: context)
                return Response(status: .ok, headers: headers, body: body)
            } catch is HTTPError {
                throw Problem.missing("picture")
            }
        }
    }
}
