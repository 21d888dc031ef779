/// The words of a mail, from which its plain and its HTML form are made.
struct MailContent: Sendable, Equatable {
    struct Link: Sendable, Equatable {
        var label: String
        var address: String
    }

    var subject: String
    var greeting: String
    var paragraphs: [String]
    var link: Link?
    /// Rows of a table, such as the goods of an order and their prices.
    var rows: [(name: String, value: String)] = []
    var closing: String

    static func == (one: MailContent, other: MailContent) -> Bool { one.plainText == other.plainText }

    /// The mail as plain text.
    var plainText: String {
        var blocks = [greeting] + paragraphs
        if !rows.isEmpty { blocks.append(rows.map { "\($0.name)  \($0.value)" }.joined(separator: "\n")) }
        if let link { blocks.append("\(link.label):\n\(link.address)") }
        return (blocks + [closing]).joined(separator: "\n\n") + "\n"
    }

    /// The mail as HTML. All texts are escaped.
    var html: String {
        var body = ([greeting] + paragraphs).map { "<p>\(Self.escaped($0))</p>" }
        if !rows.isEmpty {
            let cells = rows.map { row in
                "<tr><td style=\"padding:4px 24px 4px 0\">\(Self.escaped(row.name))</td>"
                    + "<td style=\"text-align:right\">\(Self.escaped(row.value))</td></tr>"
            }
            body.append("<table>\(cells.joined())</table>")
        }
        if let link {
            let style = "display:inline-block;padding:10px 22px;border-radius:22px;background:#0a6b58;color:#ffffff"
            let address = Self.escaped(link.address)
            body.append(
                "<p><a style=\"\(style)\" href=\"\(address)\">\(Self.escaped(link.label))</a></p><p>\(address)</p>")
        }
        body.append("<p style=\"color:#56635d\">\(Self.escaped(closing))</p>")
        return """
            <!doctype html><html><head><meta charset="utf-8"></head>
            <body style="font:16px/1.6 system-ui,sans-serif;color:#17211d;max-width:560px;margin:24px auto">
            \(body.joined(separator: "\n"))
            </body></html>

            """
    }

    /// A text as HTML shows it.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}

/// The words of the shop's mails, in Chinese and in English. `origin` begins the addresses of its pages.
struct MailTemplates: Sendable {
    let origin: String
    let isChinese: Bool

    init(origin: String, language: String) {
        self.origin = origin
        isChinese = language != "en"
    }

    func activation(username: String, token: String) -> MailContent {
        content(
            subject: ("激活您的 Quire 书店账户", "Activate your account at Quire Books"), username,
            [
                (
                    "感谢注册。请在一小时内点击下面的链接激活账户。",
                    "Thank you for registering. Follow this link within an hour to activate your account."
                ),
                (
                    "如果您没有用这个用户名注册，请忽略本邮件。",
                    "If you did not register with this name, ignore this mail."
                ),
            ],
            link: (("激活账户", "Activate the account"), "/activate#token=\(token)"))
    }

    func reset(username: String, token: String) -> MailContent {
        content(
            subject: ("重置您的 Quire 书店密码", "Set a new password at Quire Books"), username,
            [
                ("请在一小时内点击下面的链接设置新密码。", "Follow this link within an hour to set a new password."),
                (
                    "如果这不是您的操作，请忽略本邮件，密码不会改变。",
                    "If you did not ask for it, ignore this mail; the password stays as it is."
                ),
            ], link: (("设置新密码", "Set a new password"), "/reset#token=\(token)"))
    }

    /// The mail to somebody who registers again with an address that has an account.
    func accountExists(username: String) -> MailContent {
        content(
            subject: ("您已有 Quire 书店账户", "You have an account at Quire Books"), username,
            [
                ("有人用这个邮箱注册，但它已有账户。", "Somebody registered with this address, which has an account already."),
                ("如果您忘记了密码，可以重新设置。", "If you have forgotten the password, you can set a new one."),
            ], link: (("重置密码", "Set a new password"), "/forgot"))
    }

    /// The mail to somebody who registers with a name that is taken.
    func nameTaken(username: String) -> MailContent {
        content(
            subject: ("请换一个用户名", "Please choose another name"), username,
            [("这个用户名已被使用，请换一个名字重新注册。", "This name is taken. Please register with another one.")],
            link: (("重新注册", "Register"), "/register"))
    }

    /// The mail about an event of an order. `parcel` is its carrier and number, of an order that was shipped.
    func order(
        _ occasion: OrderNotice.Occasion, username: String, id: String, lines: [OrderLine], transit: Int,
        parcel: String = ""
    ) -> MailContent {
        let total = lines.reduce(transit) { $0 + $1.price * $1.count }
        let subject: Words
        let text: Words
        switch occasion {
        case .placed:
            subject = ("订单 \(id) 已提交", "Your order \(id)")
            text = ("我们已收到您的订单。", "We have received your order.")
        case .paid:
            subject = ("订单 \(id) 已付款", "Your order \(id) is paid")
            text = ("我们已收到您的付款，将尽快发货。", "We have received your payment, and will ship the goods soon.")
        case .shipped:
            subject = ("订单 \(id) 已发货", "Your order \(id) is on its way")
            text = ("您的包裹已发出：\(parcel)。", "Your parcel has left the shop: \(parcel).")
        case .refunded:
            let sum = Self.money(total)
            subject = ("订单 \(id) 已退款", "Your order \(id) was refunded")
            text = (
                "您的付款在订单取消之后到账，\(sum) 已退回您的支付宝账户。",
                "Your payment came after the order had been canceled: \(sum) went back to your account at Alipay."
            )
        }
        var mail = content(
            subject: subject, username, [text], link: (("查看订单", "Open the order"), "/orders/\(id)"))
        mail.rows = lines.map { ("\($0.name) × \($0.count)", Self.money($0.price * $0.count)) }
        mail.rows.append((isChinese ? "运费" : "Delivery", Self.money(transit)))
        mail.rows.append((isChinese ? "合计" : "Total", Self.money(total)))
        return mail
    }

    private typealias Words = (chinese: String, english: String)

    private func content(
        subject: Words, _ username: String, _ paragraphs: [Words], link: (label: Words, path: String)
    ) -> MailContent {
        func chosen(_ words: Words) -> String { isChinese ? words.chinese : words.english }
        return MailContent(
            subject: chosen(subject), greeting: chosen(("\(username)，您好：", "Hello \(username),")),
            paragraphs: paragraphs.map(chosen),
            link: .init(label: chosen(link.label), address: origin + link.path),
            closing: chosen(
                ("Quire 书店。本邮件由系统发出，请勿回复。", "Quire Books. This mail was sent by a program; nobody reads answers.")))
    }

    /// An amount in fen as it stands in a mail: `¥ 12.30`.
    static func money(_ fen: Int) -> String {
        let cents = fen % 100
        return "¥ \(fen / 100).\(cents < 10 ? "0" : "")\(cents)"
    }
}
