import Testing

@testable import Shop

@Suite struct MethodTests {
    @Test func aPathWithANameHasNoMethodsOfTheParameterInItsPlace() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                let order = try await browser.send(.options, "/api/v1/orders/7")
                #expect(order.headers[.allow] == "GET, HEAD, OPTIONS")
                let preview = try await browser.send(.options, "/api/v1/orders/preview")
                #expect(preview.headers[.allow] == "OPTIONS, POST")
                #expect(try await browser.get("/api/v1/orders/preview").status == 405)
            }
        }
    }
}
