import FoundationEssentials
import Testing

@testable import Shop

@Suite struct HTMLSanitizerTests {
    @Test(arguments: [
        ("<p>Hello <b>world</b></p>", "<p>Hello <b>world</b></p>"),
        ("<script>alert(1)</script>x", "x"), ("<SCRIPT >alert(1)</sCript >x", "x"),
        ("<p onclick=\"x()\">a", "<p>a</p>"),
        ("<b><i>x</b></i>", "<b><i>x</i></b>"), ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("&lt;b&gt;", "&lt;b&gt;"),
        ("<a href=\"javascript:alert(1)\">x</a>", "<a rel=\"nofollow noopener\">x</a>"),
        ("<a href='java&#115;cript:alert(1)'>x</a>", "<a rel=\"nofollow noopener\">x</a>"),
        ("<a href=\" javascript:alert(1)\">x</a>", "<a rel=\"nofollow noopener\">x</a>"),
        ("<a href=\"//evil.example\">x</a>", "<a rel=\"nofollow noopener\">x</a>"),
        ("<a href=/x?a=1&b=2>x</a>", "<a href=\"/x?a=1&amp;b=2\" rel=\"nofollow noopener\">x</a>"),
        ("<img src=\"data:image/svg+xml,x\" alt='a\"b'>", "<img alt=\"a&quot;b\">"),
        ("<svg><script>1</script></svg>y", "y"),
        ("<!-- <b> -->x<!doctype html>", "x"), ("<p", "<p></p>"), ("<", "&lt;"), ("</p>", ""),
        ("中文 <em>书</em>", "中文 <em>书</em>"),
        ("<style>p{}</style><p>x", "<p>x</p>"), ("<div style=\"position:fixed\">x</div>", "<div>x</div>"),
        ("<img/src=x/onerror=alert(1)>", "<img>"),
        (
            "<a href=\"https://a.example\" href=\"javascript:1\">x</a>",
            "<a href=\"https://a.example\" rel=\"nofollow noopener\">x</a>"
        ),
    ])
    func onlyWhatIsAllowedStays(html: String, clean: String) {
        #expect(HTMLSanitizer.clean(html) == clean)
    }

    /// Parses texts with Python's parser, and prints the tags and attributes that an allow-list does not have.
    private static let judge = """
        import sys, json
        from html.parser import HTMLParser
        tags = set("p br hr b strong i em u s sub sup ul ol li h2 h3 h4 blockquote pre code div span table thead tbody"
                   " tr td th a img".split())
        attributes = set("href title src alt width height colspan rowspan start rel".split())
        class Judge(HTMLParser):
            def handle_starttag(self, tag, attrs):
                self.depth += tag not in ("br", "hr", "img")
                if tag not in tags: print("tag", tag)
                for name, value in attrs:
                    if name not in attributes: print("attribute", name)
                    if name in ("href", "src") and not (value.startswith(("/", "#"))
                            or value.lower().startswith(("http:", "https:", "mailto:"))): print("link", value)
            def handle_endtag(self, tag): self.depth -= 1
            def handle_comment(self, data): print("comment")
            def handle_decl(self, data): print("declaration")
        for line in sys.stdin:
            judge = Judge(convert_charrefs=True)
            judge.depth = 0
            judge.feed(json.loads(line))
            judge.close()
            if judge.depth: print("open tags")
        """

    @Test func noRandomTextGetsATagAnAttributeOrASchemePastAnIndependentParser() async throws {
        let pieces = [
            "<", ">", "</", "/>", "\"", "'", "=", " ", "&", ";", "#x6a", "&#106;", "&#x6A", "javascript:", "data:",
            "script",
            "<script>", "</script>", "<p", "<a href=", "<img src=", "onerror=", "onload", "style", "<!--", "-->", "<!",
            "<?", "svg", "<svg", "<math", "<b>", "</b>", "书", "\u{0}", "\n", "\t", "title=", "http://a", "//", "`",
            "<td",
            "colspan=", "2", "x", "]]>", "<![CDATA[", "<title>", "<textarea>", "&lt;", "&colon;",
            "\u{301}", "\u{200D}", "\u{FE0F}", "title='\"&#x301; onmouseover=x y='",
        ]
        var generator = SeededGenerator(seed: 7)
        var lines = ""
        for _ in 0..<4000 {
            let html = (0..<Int.random(in: 1...14, using: &generator))
                .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let clean = HTMLSanitizer.clean(html)
            #expect(HTMLSanitizer.clean(clean) == clean, "\(html)")
            lines += String(decoding: try JSONEncoder().encode(clean), as: UTF8.self) + "\n"
        }
        #expect(try await python(Self.judge, input: lines) == "")
    }
}

/// A generator of the same numbers in each run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
