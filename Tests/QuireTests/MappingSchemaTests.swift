import Foundation
import Testing

/// The schemas and mappings for other data that ship in `Fixtures/mappings`.
extension CommandTests {
    private func mappings(_ name: String) -> String {
        Self.fixtures.deletingLastPathComponent().appendingPathComponent("mappings/\(name)").path
    }

    @Test func packagesAreFoundByNameAndUnfinishedWords() throws {
        defer { cleanUp() }
        let header = "name\tsummary\tmonth\tversion\n"
        let pypi = try file("pypi.tsv", header + "requests\tPython HTTP for humans\t5\t2.32\n")
        let npm = try file("npm.tsv", header + "requests\tOld\t1\t0.1\nreact\tA library for user interfaces\t9\t19\n")
        let outcome = try quire([
            "index", "--data", data, "--schema", mappings("packages.schema.json"), "--mapping",
            mappings("packages.json"), pypi, npm,
        ])
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try quire(["search", "--data", data, "requests"]).out.hasPrefix("2 found"))
        #expect(try quire(["search", "--data", data, "interfeces"]).out.contains("npm:react"))
        #expect(try quire(["check", "--data", data]).code == 0)
    }

    @Test(arguments: ["huozhe", "hz", "yuhua", "活", "活着", "小说"])
    func chineseBooksAreFoundByPinyinAndCharacters(_ query: String) throws {
        defer { cleanUp() }
        let books = try file(
            "books.jsonl",
            """
            {"id": "1", "title": "活着", "author": ["余华"], "publisher": "作家出版社", "price": 20.0, "currency": "CNY", \
            "rating": 9.4, "rating_count": 922044, "categories": ["文学"], "tags": ["小说"], "source": "douban"}
            {"id": "2", "title": "Python编程", "author": ["埃里克"], "price": 89, "rating_count": 3, "tags": []}

            """)
        let outcome = try quire(["index", "--data", data, "--schema", mappings("zh-books.schema.json"), books])
        #expect(outcome.code == 0, "\(outcome)")
        let found = try quire(["search", "--data", data, query])
        #expect(found.out.hasPrefix("1 found"), "\(found)")
        #expect(found.out.contains("活着"))
    }
}
