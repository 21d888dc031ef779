import Foundation
import HTTPTypes
import Testing

@testable import Shop

@Suite struct PictureTests {
    /// Pictures of 37 × 23 pixels in the forms of each kind, as Pillow writes them.
    private static let forms = [
        "'PNG'", "'PNG', optimize=True, dpi=(300, 300)", "'JPEG'", "'JPEG', progressive=True, exif=exif, quality=95",
        "'JPEG', restart_marker_rows=1", "'WEBP'", "'WEBP', lossless=True", "'WEBP', exif=exif",
    ]

    /// The bytes that Pillow writes for a form.
    private static func picture(_ form: String, width: Int = 37, height: Int = 23) async throws -> [UInt8] {
        let text = try await python(
            """
            import base64, io, random
            from PIL import Image
            random.seed(1)
            image = Image.frombytes('RGB', (\(width), \(height)), random.randbytes(\(width) * \(height) * 3))
            exif = Image.Exif()
            exif[0x9286] = 'a comment ' * 9
            out = io.BytesIO()
            image.save(out, \(form))
            print(base64.b64encode(out.getvalue()).decode(), end='')
            """)
        return Array(try #require(Data(base64Encoded: text)))
    }

    @Test(arguments: forms) func readsWhatPillowWritesAndNothingShorterOrLonger(form: String) async throws {
        let bytes = try await Self.picture(form)
        let picture = try Picture(bytes)
        #expect(picture.kind.mediaType == "image/" + form.split(separator: "'")[0].lowercased())
        #expect(picture.width == 37)
        #expect(picture.height == 23)
        let shorter = bytes.indices.filter { (try? Picture(Array(bytes[..<$0]))) != nil }
        #expect(shorter.isEmpty)
        // A page behind the picture would be one for who opens the file as HTML.
        #expect(throws: PictureProblem.damaged(picture.kind.mediaType)) {
            try Picture(bytes + Array("<script>".utf8))
        }
    }

    @Test func refusesWhatADecoderReadsInAnotherWay() async throws {
        // A second frame behind the scan, of another size.
        var jpeg = try await Self.picture("'JPEG'")
        jpeg.insert(contentsOf: [0xFF, 0xC1, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0], at: jpeg.count - 2)
        #expect(throws: PictureProblem.damaged("image/jpeg")) { try Picture(jpeg) }
        // A header and an end without pixels.
        let png = try await Self.picture("'PNG'")
        #expect(throws: PictureProblem.damaged("image/png")) { try Picture(Array(png[..<33] + png.suffix(12))) }
        #expect(throws: PictureProblem.damaged("image/jpeg")) { try Picture(Array(jpeg[..<2] + jpeg.suffix(2))) }
        // A page that the length of the file includes.
        for form in ["'WEBP'", "'WEBP', lossless=True"] {
            var webp = try await Self.picture(form) + Array("<script>".utf8)
            webp.replaceSubrange(4..<8, with: withUnsafeBytes(of: UInt32(webp.count - 8).littleEndian) { Array($0) })
            #expect(throws: PictureProblem.damaged("image/webp"), "\(form)") { try Picture(webp) }
        }
    }

    @Test func refusesWhatIsNoPictureOfItsKinds() async throws {
        let texts = ["", "x", "<svg xmlns='http://www.w3.org/2000/svg'/>", "<html>", "RIFF\u{4}\0\0\0WAVE", "%PDF-1.7"]
        for text in texts {
            #expect(throws: PictureProblem.unknownKind, "\(text)") { try Picture(Array(text.utf8)) }
        }
        let gif = try await Self.picture("'GIF'")
        #expect(throws: PictureProblem.unknownKind) { try Picture(gif) }
        let wide = try await Self.picture("'PNG'", width: 6001, height: 1)
        #expect(throws: PictureProblem.badSize(6001, 1)) { try Picture(wide) }
        #expect(throws: PictureProblem.tooLarge) { try Picture([UInt8](repeating: 0, count: 4 << 20 + 1)) }
    }

    @Test func goodsShowAPictureThatBrowsersKeepForGood() async throws {
        let bytes = try await Self.picture("'JPEG'")
        try await TestShop.run { shop in
            let id = try await shop.addGoods("a")
            let file = shop.folder + "/cover.html"
            try Data(bytes).write(to: URL(filePath: file))
            let address = try shop.services.pictures.keep(file: file)
            #expect(address == "/images/\(sha256(bytes)).jpg")
            #expect(try shop.services.pictures.keep(bytes) == address)
            let kept = try FileManager.default.contentsOfDirectory(atPath: shop.folder + "/images")
            #expect(kept == ["\(sha256(bytes)).jpg"])
            try await shop.store.edit([GoodsEdit(code: "a", image: address)], now: 0)
            try await shop.serve { browser in
                #expect(try await browser.get("/api/v1/goods/\(id)")["image"]?.text == address)
                let list = try await browser.get("/api/v1/goods")
                #expect(list["items"]?.list.first?["image"]?.text == address)
                let reply = try await browser.get(address)
                reply.expect(200)
                #expect(reply.bytes == bytes)
                #expect(reply.headers[.contentType] == "image/jpeg")
                #expect(reply.headers[.cacheControl] == "public, max-age=31536000, immutable")
                #expect(reply.headers[.xContentTypeOptions] == "nosniff")
                let tag = try #require(reply.headers[.eTag])
                #expect(try await browser.get(address, headers: [.ifNoneMatch: tag]).status == 304)
                #expect(try await browser.send(.head, address).headers[.contentLength] == "\(bytes.count)")
                let other = sha256("another")
                let absent = try await browser.get("/images/\(other).jpg", headers: [.ifNoneMatch: "\"\(other)\""])
                #expect(absent.status == 404)
                for name in [
                    other + ".jpg", sha256(bytes) + ".png", sha256(bytes), "x.jpg", "..%2Fkeys.json",
                    "%2e%2e/keys.json", sha256(bytes) + ".jpg%00",
                ] {
                    #expect(try await browser.get("/images/" + name).status == 404, "\(name)")
                }
            }
            let goods = try #require(try await shop.store.read { try $0.goods([id])[id] })
            let document = FeedDocument(id, goods, TypeTree([]), .put, version: 1)
            #expect(document.members["image"] == .text(address))
            try await shop.store.edit([GoodsEdit(code: "a", image: "")], now: 0)
            #expect(try await shop.store.read { try $0.goods([id])[id]?.draft.image } == "")
        }
    }

    @Test func aFileThatIsNotThereIsNoPicture() async throws {
        try await TestShop.run { shop in
            #expect(throws: PictureProblem.unreadable("/nowhere")) { try shop.services.pictures.keep(file: "/nowhere") }
        }
    }
}
