import Testing

@testable import Catalog

/// Numerals and the volumes that queries name.
@Suite struct VolumeMentionTests {
    @Test(arguments: [
        ("3", 3), ("03", 3), ("三", 3), ("叁", 3), ("參", 3), ("Ⅲ", 3), ("iii", 3), ("III", 3), ("１２", 12), ("十二", 12),
        ("二十", 20), ("二十三", 23), ("拾贰", 12), ("Ⅻ", 12), ("xiv", 14), ("〇", nil), ("0", nil), ("100", nil), ("三百", nil),
        ("iiii", nil), ("3a", nil), ("a", nil), ("", nil),
    ])
    func numeralsAreNumbers(text: String, number: Int?) {
        #expect(Numeral.value(of: text) == number)
    }

    @Test func everyWritingOfANumberIsThatNumber() {
        for number in Numeral.range {
            for writing in Numeral.writings(of: number) { #expect(Numeral.value(of: writing) == number, "\(writing)") }
        }
    }

    @Test(arguments: [
        "盗墓笔记 3", "盗墓笔记3", "盗墓笔记 三", "盗墓笔记三", "盗墓笔记叁", "盗墓笔记Ⅲ", "盗墓笔记 III", "盗墓笔记 iii", "盗墓笔记第三册", "盗墓笔记 第3部",
        "盗墓笔记 卷三", "盗墓笔记卷3", "盗墓笔记 vol. 3", "盗墓笔记 Volume 3", "盗墓笔记（三）", "盗墓笔记(3)", "盗墓笔记【三】", "盗墓笔记·叁", "盗墓笔记 ＃３",
    ])
    func aVolumeIsFoundInEveryWriting(query: String) throws {
        let mention = try #require(VolumeMention(query))
        #expect(mention.series == "盗墓笔记")
        #expect(mention.number == 3)
        #expect(mention.range.lowerBound == "盗墓笔记".utf8.count)
        #expect(mention.range.upperBound == query.utf8.count)
    }

    @Test func theTextAfterAVolumeStays() throws {
        let mention = try #require(VolumeMention("harry potter 3 rowling"))
        #expect(mention.series == "harry potter")
        #expect(mention.number == 3)
    }

    @Test(arguments: [
        "三体", "张三", "3", "第三册", "十万个为什么", "三生三世十里桃花", "1984", "iphone15", "vitamin", "mix", "", "C++", "2016年",
    ])
    func otherTextsNameNoVolume(query: String) {
        #expect(VolumeMention(query) == nil)
    }
}
