/// Returns the bytes of each member's value of a JSON object, as they stand there: a signature covers them, and no
/// other spelling of the same value. Nil for a text that is no object, or names a member twice.
///
/// It splits; whether a value is valid, its decoder says.
func rawMembers(of text: [UInt8]) -> [[UInt8]: ArraySlice<UInt8>]? {
    var members: [[UInt8]: ArraySlice<UInt8>] = [:]
    var position = 0
    func skipBlanks() { while position < text.count, [9, 10, 13, 32].contains(text[position]) { position += 1 } }
    func take(_ byte: Character) -> Bool {
        skipBlanks()
        guard position < text.count, text[position] == byte.asciiValue else { return false }
        position += 1
        return true
    }
    guard take("{") else { return nil }
    repeat {
        skipBlanks()
        guard let name = rawValue(text, &position), name.first == UInt8(ascii: "\""), take(":") else { return nil }
        skipBlanks()
        guard let value = rawValue(text, &position), !value.isEmpty,
            members.updateValue(value, forKey: Array(name.dropFirst().dropLast())) == nil
        else { return nil }
    } while take(",")
    guard take("}") else { return nil }
    skipBlanks()
    return position == text.count ? members : nil
}

/// Returns the bytes of the value at a position, and moves that behind it; nil for a value without its end.
private func rawValue(_ text: [UInt8], _ position: inout Int) -> ArraySlice<UInt8>? {
    let start = position
    var (depth, isString, isEscaped) = (0, false, false)
    while position < text.count {
        let byte = text[position]
        if isString {
            position += 1
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte
                == UInt8(ascii: "\"")
            {
                isString = false
                if depth == 0 { return text[start..<position] }
            }
            continue
        }
        switch byte {
        case UInt8(ascii: "\""): isString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            // The end of the object around a number or a word.
            if depth == 0 { return text[start..<position] }
            depth -= 1
            if depth == 0 {
                position += 1
                return text[start..<position]
            }
        case UInt8(ascii: ",") where depth == 0: return text[start..<position]
        default: break
        }
        position += 1
    }
    return nil
}
