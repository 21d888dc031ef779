import Foundation

@testable import Catalog

extension JSONWritable {
    /// True if the value is written as JSON, and its numbers are those of JSON.
    var isValidJSON: Bool {
        var json = JSONWriter()
        write(to: &json)
        let object = json.withBytes { try? JSONSerialization.jsonObject(with: Data($0)) }
        return object != nil && !json.hasInvalidNumber
    }
}
