import FoundationEssentials
import HTTPTypes
import Hummingbird
import Testing

@testable import Shop

/// The description of the API at `/openapi.json`, against which `Browser` also holds every reply that a test gets.
@Suite struct APIDocumentTests {
    @Test func describesEveryRouteButPages() async throws {
        try await TestShop.run {
            $0.feedTargets = [.init(name: "local", url: "http://127.0.0.1:9/v1/books", key: Secret("k"))]
        } _: { shop in
            #expect(shop.routesButPages == Set(APIDocument.shared.operations.keys))
        }
    }

    @Test func isServed() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                let reply = try await browser.get("/openapi.json")
                #expect(reply.headers[.contentType] == "application/json")
                #expect(reply["openapi"]?.text == "3.1.0")
            }
        }
    }

    @Test func namesOnlyPartsThatItHas() throws {
        let document = APIDocument.shared
        let references = document.text.matches(of: /"\$ref": "#\/components\/(\w+)\/(\w+)"/)
        for reference in references {
            let part = document.members["components"]?[String(reference.1)]?[String(reference.2)]
            #expect(part != nil, "\(reference.0)")
        }
        for kind in ["schemas", "responses"] {
            guard case .object(let parts)? = document.members["components"]?[kind] else { continue }
            let used = Set(references.filter { $0.1 == kind }.map { String($0.2) })
            #expect(Set(parts.keys) == used, "\(kind)")
        }
    }

    @Test func noticesWhatIsNotDescribed() {
        let document = APIDocument.shared
        #expect(document.problem(.get, "/api/v1/me", status: 401, code: "login_required") == nil)
        #expect(document.problem(.get, "/api/v1/me", status: 418, code: nil) != nil)
        #expect(document.problem(.get, "/api/v1/me", status: 401, code: "no_such_code") != nil)
        #expect(document.problem(.get, "/api/v1/nothing", status: 200, code: nil) != nil)
        #expect(document.problem(.get, "/api/v1/nothing", status: 404, code: "not_found") == nil)
    }
}

extension TestShop {
    /// The routes for customers, such as `GET /api/v1/home`, but for the storefront's pages.
    var routesButPages: Set<String> {
        let (all, pages) = (Router(context: ShopContext.self), Router(context: ShopContext.self))
        addRoutes(of: .app, to: all, services)
        StorefrontRoutes(store: store, offersQQ: false).add(to: pages)
        let names = { (router: Router<ShopContext>) in Set(router.routes.map { "\($0.method) \($0.path)" }) }
        return names(all).subtracting(names(pages))
    }
}

/// The document as tests read it.
struct APIDocument: Sendable {
    static let shared = APIDocument()

    let text = String(decoding: PackageResources.openapi_json, as: UTF8.self)
    let members: [String: JSONValue]
    /// The responses of each operation, such as `GET /api/v1/goods/{id}`.
    let operations: [String: [String: JSONValue]]

    private init() {
        members = JSONValue.object(text)
        var operations: [String: [String: JSONValue]] = [:]
        if case .object(let paths)? = members["paths"] {
            for case (let path, .object(let methods)) in paths {
                for (method, operation) in methods {
                    guard case .object(let responses)? = operation["responses"] else { continue }
                    operations["\(method.uppercased()) \(path)"] = responses
                }
            }
        }
        self.operations = operations
    }

    /// Returns what a reply has that the document does not describe; nil if it describes all of it.
    ///
    /// Paths and methods that are not there, requests of one's own choosing such as `OPTIONS`, and pages are not its
    /// subject.
    func problem(_ method: HTTPRequest.Method, _ target: String, status: Int, code: String?) -> String? {
        let path = target.prefix { $0 != "?" }.split(separator: "/")
        let described: Set<Substring> = ["api", "v1", "images", "healthz", "readyz", "openapi.json"]
        guard let first = path.first, described.contains(first) else { return nil }
        let name = method == .head ? "GET" : method.rawValue
        let paths = operations.filter { key, _ in
            let segments = key.split(separator: " ")[1].split(separator: "/")
            return segments.count == path.count && zip(segments, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        // A name stands above a parameter: of two paths the one with fewer braces.
        let braces = { (key: String) in key.count { $0 == "{" } }
        let fewest = paths.keys.map(braces).min()
        guard let found = paths.first(where: { $0.key.hasPrefix(name + " ") && braces($0.key) == fewest }) else {
            return method == .options || [404, 405].contains(status) ? nil : "\(method) \(target) is not described"
        }
        // What serves once is not for HEAD.
        if method == .head, status == 405 { return nil }
        // The search server's replies pass as they are.
        if first == "v1" { return nil }
        guard var response = found.value["\(status)"] else { return "\(found.key) has no status \(status)" }
        if let reference = response["$ref"]?.text?.split(separator: "/").last {
            response = members["components"]?["responses"]?[String(reference)] ?? .null
        }
        guard let code else { return nil }
        let codes = response["content"]?["application/problem+json"]?["schema"]?["properties"]?["code"]?["enum"]?.list
        return codes?.contains(.text(code)) == true ? nil : "\(found.key) has no \(status) \(code)"
    }
}
