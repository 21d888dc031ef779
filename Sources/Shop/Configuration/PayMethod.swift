/// The ways to pay. Others of the original, WeChat (2) and UnionPay (4), are not offered.
package enum PayMethod: Int, Codable, Sendable, CaseIterable {
    case cashOnDelivery = 1
    case alipay = 3
}
