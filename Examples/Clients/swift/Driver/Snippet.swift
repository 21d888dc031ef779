import Foundation
import QuireClient

/// Runs the snippet of the README.
func snippet(_ address: String) async throws {
    let quire = Quire(address, key: ProcessInfo.processInfo.environment["QUIRE_KEY"])

    let reply = try await quire.search(
        "books", ["q": "三体", "filter": "price:..200", "facets": ["author", "language"]])
    for hit in reply["hits"] { print(hit["document"]["title"], hit["document"]["price"]) }

    let changes: [JSON] = [["id": "n3", "title": "Quantum Kittens", "price": 38, "_version": 1]]
    for try await result in quire.change("books", changes) where result["result"] == "failed" {
        print("line", result["line"], result["error"]["detail"])
    }

    do {
        _ = try await quire.search("books", ["q": "python", "sort": "colour"])
    } catch let problem as Problem {
        print(problem.code, problem.param ?? "", problem.hint ?? "")
    }
}
