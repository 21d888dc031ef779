/// A kind of picture that the shop takes. Each draws pixels alone: SVG, which can hold scripts, is none of them.
enum PictureKind: String, Sendable {
    case png
    case jpeg = "jpg"
    case webp

    var mediaType: String { self == .jpeg ? "image/jpeg" : "image/\(rawValue)" }
}

/// A picture as its bytes show it, whatever its file is called: they begin as those of its kind, their parts follow
/// each other without a gap, and they end where the picture ends.
struct Picture: Sendable, Equatable {
    /// The most bytes of a picture.
    static let sizeLimit = 4 << 20
    /// The most pixels of a side: what a browser decodes has four bytes for each pixel.
    static let sideLimit = 6000

    let kind: PictureKind
    let width: Int
    let height: Int

    /// Reads a picture's bytes. Errors: `PictureProblem`.
    init(_ bytes: [UInt8]) throws {
        guard bytes.count <= Self.sizeLimit else { throw PictureProblem.tooLarge }
        let bytes = PictureBytes(bytes)
        let size: (width: Int, height: Int)?
        if bytes.has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], at: 0) {
            (kind, size) = (.png, Self.sizeOfPNG(bytes))
        } else if bytes.has([0xFF, 0xD8, 0xFF], at: 0) {
            (kind, size) = (.jpeg, Self.sizeOfJPEG(bytes))
        } else if bytes.has("RIFF", at: 0), bytes.has("WEBP", at: 8) {
            (kind, size) = (.webp, Self.sizeOfWebP(bytes))
        } else {
            throw PictureProblem.unknownKind
        }
        guard let size else { throw PictureProblem.damaged(kind.mediaType) }
        (width, height) = size
        guard (1...Self.sideLimit).contains(width), (1...Self.sideLimit).contains(height) else {
            throw PictureProblem.badSize(width, height)
        }
    }

    /// PNG (ISO 15948): chunks of a length, a name, data and a checksum, from IHDR by way of IDAT to IEND.
    private static func sizeOfPNG(_ bytes: PictureBytes) -> (Int, Int)? {
        guard bytes.has("IHDR", at: 12), let width = bytes.big(4, at: 16), let height = bytes.big(4, at: 20) else {
            return nil
        }
        var place = 8
        var hasPixels = false
        while let length = bytes.big(4, at: place) {
            let end = place + 12 + length
            if bytes.has("IEND", at: place + 4) { return hasPixels && end == bytes.count ? (width, height) : nil }
            hasPixels = hasPixels || bytes.has("IDAT", at: place + 4)
            place = end
        }
        return nil
    }

    /// JPEG (ITU T.81): segments of a marker, a length and data, of which scans are followed by bytes without a length,
    /// up to the marker EOI. There is one frame, which stands before the first scan and has the size.
    private static func sizeOfJPEG(_ bytes: PictureBytes) -> (Int, Int)? {
        var size: (Int, Int)?
        var hasPixels = false
        var place = 2
        while bytes.big(1, at: place) == 0xFF, let marker = bytes.big(1, at: place + 1) {
            if marker == 0xD9 { return hasPixels && place + 2 == bytes.count ? size : nil }
            // Before a marker there may be more of its first byte.
            if marker == 0xFF {
                place += 1
                continue
            }
            guard marker >= 0xC0, let length = bytes.big(2, at: place + 2), length >= 2 else { return nil }
            let isFrame = (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
            if isFrame, let height = bytes.big(2, at: place + 5), let width = bytes.big(2, at: place + 7) {
                guard size == nil else { return nil }
                size = (width, height)
            }
            place += 2 + length
            if marker == 0xDA {
                guard size != nil else { return nil }
                hasPixels = true
                place = bytes.marker(from: place)
            }
        }
        return nil
    }

    /// WebP (RFC 9649): a RIFF file of chunks of a name, a length and data of an even number of bytes; the first chunk
    /// has the size.
    private static func sizeOfWebP(_ bytes: PictureBytes) -> (Int, Int)? {
        guard let length = bytes.little(4, at: 4), length + 8 == bytes.count else { return nil }
        var place = 12
        var hasPixels = false
        while place < bytes.count {
            guard let length = bytes.little(4, at: place + 4),
                let name = webPChunks.first(where: { bytes.has($0, at: place) })
            else { return nil }
            hasPixels = hasPixels || ["VP8 ", "VP8L", "ANMF"].contains(name)
            place += 8 + length + length % 2
        }
        return hasPixels && place == bytes.count ? sizeOfFirstChunk(bytes) : nil
    }

    private static let webPChunks = ["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP", "EXIF", "XMP "]

    private static func sizeOfFirstChunk(_ bytes: PictureBytes) -> (Int, Int)? {
        if bytes.has("VP8X", at: 12), let width = bytes.little(3, at: 24), let height = bytes.little(3, at: 27) {
            return (width + 1, height + 1)
        }
        if bytes.has("VP8L", at: 12), bytes.has([0x2F], at: 20), let sides = bytes.little(4, at: 21) {
            return (sides & 0x3FFF + 1, sides >> 14 & 0x3FFF + 1)
        }
        if bytes.has("VP8 ", at: 12), bytes.has([0x9D, 0x01, 0x2A], at: 23), let width = bytes.little(2, at: 26),
            let height = bytes.little(2, at: 28)
        {
            return (width & 0x3FFF, height & 0x3FFF)
        }
        return nil
    }
}

/// Bytes that are read only as far as they go.
private struct PictureBytes {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var count: Int { bytes.count }

    func has(_ text: String, at place: Int) -> Bool { has(Array(text.utf8), at: place) }

    func has(_ part: [UInt8], at place: Int) -> Bool { bytes.dropFirst(place).starts(with: part) }

    /// A number of some bytes, the greatest first; nil if they are not all there.
    func big(_ length: Int, at place: Int) -> Int? {
        guard place + length <= bytes.count else { return nil }
        return bytes[place..<place + length].reduce(0) { $0 << 8 | Int($1) }
    }

    /// A number of some bytes, the smallest first; nil if they are not all there.
    func little(_ length: Int, at place: Int) -> Int? {
        guard place + length <= bytes.count else { return nil }
        return bytes[place..<place + length].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// The place of the next marker of a JPEG that is no part of a scan; the end if there is none.
    func marker(from place: Int) -> Int {
        var place = place
        while place + 1 < bytes.count {
            // A zero says that the byte before it is no marker; RST0 to RST7 stand within scans.
            if bytes[place] == 0xFF, bytes[place + 1] != 0, !(0xD0...0xD7).contains(bytes[place + 1]) { return place }
            place += 1
        }
        return bytes.count
    }
}

/// An error of a picture.
package enum PictureProblem: Error, Equatable, CustomStringConvertible {
    case unreadable(String)
    case unwritable(String)
    case unknownKind
    case damaged(String)
    case tooLarge
    case badSize(Int, Int)

    package var description: String {
        switch self {
        case .unreadable(let path): "\(path) cannot be read"
        case .unwritable(let path): "\(path) cannot be written"
        case .unknownKind: "the file is neither PNG, JPEG nor WebP"
        case .damaged(let type): "the file begins as \(type), but is not whole, or has something behind its end"
        case .tooLarge: "a picture has \(Picture.sizeLimit >> 20) MB at most"
        case .badSize(let width, let height):
            "a picture has up to \(Picture.sideLimit) pixels a side, not \(width) × \(height)"
        }
    }
}
