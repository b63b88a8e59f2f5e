/// One reply of Redis' protocol, versions 2 and 3; what only version 3 tells apart is made one.
package indirect enum RESPValue: Sendable, Equatable {
    case text([UInt8])
    case integer(Int64)
    case number(Double)
    case null
    case error(String)
    /// Arrays and sets; maps as key, value, key, value.
    case list([RESPValue])

    package var string: String? {
        switch self {
        case .text(let bytes): String(decoding: bytes, as: UTF8.self)
        case .integer(let number): String(number)
        case .number(let number): "\(number)"
        case .null, .error, .list: nil
        }
    }

    package var list: [RESPValue]? {
        if case .list(let list) = self { return list }
        return nil
    }

    package var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .text: string.flatMap { Int64($0) }
        case .number, .null, .error, .list: nil
        }
    }

    package var error: String? {
        if case .error(let text) = self { return text }
        return nil
    }

    /// Key, value, key, value, as a table; what comes later wins.
    package var table: [String: RESPValue] {
        guard let list else { return [:] }
        var table: [String: RESPValue] = [:]
        for index in stride(from: 0, to: list.count - 1, by: 2) {
            if let key = list[index].string { table[key] = list[index + 1] }
        }
        return table
    }
}
