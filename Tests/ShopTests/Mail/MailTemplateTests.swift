import Testing

@testable import Shop

@Suite struct MailTemplateTests {
    @Test(arguments: ["zh", "en"]) func mailsHaveTheLinkAndTheNameInBothForms(_ language: String) {
        let templates = MailTemplates(origin: "https://shop.example", language: language)
        let activation = templates.activation(username: "李<雷>", token: "T-1")
        for form in [activation.plainText, activation.html] {
            #expect(form.contains("https://shop.example/activate#token=T-1"))
        }
        #expect(activation.plainText.contains("李<雷>"))
        #expect(activation.html.contains("李&lt;雷&gt;"))
        #expect(!activation.html.contains("<雷>"))
        #expect(templates.reset(username: "a", token: "T-2").plainText.contains("https://shop.example/reset#token=T-2"))
        #expect((activation.subject.contains("激活")) == (language == "zh"))
    }

    @Test func anOrderHasItsGoodsAndItsTotal() {
        let lines = [
            OrderLine(goodsId: 1, count: 2, price: 5650, name: "C++ <Primer>"),
            OrderLine(goodsId: 2, count: 1, price: 2305, name: "三体"),
        ]
        let mail = MailTemplates(origin: "https://shop.example", language: "en")
            .order(.placed, username: "Li", id: "2026", lines: lines, transit: 1000)
        #expect(mail.rows.map(\.value) == ["¥ 113.00", "¥ 23.05", "¥ 10.00", "¥ 146.05"])
        #expect(mail.html.contains("C++ &lt;Primer&gt; × 2"))
        #expect(mail.link?.address == "https://shop.example/orders/2026")
    }

    @Test(arguments: ["zh", "en"]) func theEventsOfAnOrderHaveMailsThatDiffer(_ language: String) {
        let templates = MailTemplates(origin: "https://shop.example", language: language)
        let lines = [OrderLine(goodsId: 1, count: 1, price: 1000, name: "三体")]
        let mails = OrderNotice.Occasion.allCases.map { occasion in
            templates.order(occasion, username: "Li", id: "2026", lines: lines, transit: 500, parcel: "SF 123")
        }
        #expect(Set(mails.map(\.subject)).count == mails.count)
        #expect(mails.map { $0.paragraphs[0].contains("SF 123") } == [false, false, true, false])
        #expect(mails.map { $0.paragraphs[0].contains("¥ 15.00") } == [false, false, false, true])
        for mail in mails { #expect(mail.subject.contains("2026")) }
    }
}
