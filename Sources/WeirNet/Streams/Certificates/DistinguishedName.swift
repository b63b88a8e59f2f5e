/// Names of X.500 as RFC 2253 writes them: the most special part first.
enum DistinguishedName {
    static func text(_ name: DERReader.Element) -> String {
        var parts: [String] = []
        var sets = name.inner
        while var set = sets.next(DERTag.set)?.inner {
            var values: [String] = []
            while var pair = set.next(DERTag.sequence)?.inner {
                guard let type = pair.next(DERTag.oid), let value = pair.next() else { continue }
                values.append("\(key(Array(type.contents)))=\(escaped(string(value)))")
            }
            parts.append(values.joined(separator: "+"))
        }
        return parts.reversed().joined(separator: ",")
    }

    private static func string(_ value: DERReader.Element) -> String {
        guard value.tag == DERTag.bmpString else {
            return String(decoding: value.contents, as: UTF8.self)
        }
        let bytes = Array(value.contents)
        let units = stride(from: 0, to: bytes.count & ~1, by: 2).map {
            UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
        }
        return String(decoding: units, as: UTF16.self)
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        // Counting takes as long as the text is, and whoever shows a certificate says how long.
        let last = text.count - 1
        for (index, character) in text.enumerated() {
            let isAtEdge = index == 0 || index == last
            let isSpecial =
                ",+\"\\<>;".contains(character) || (isAtEdge && character == " ")
                || (index == 0 && character == "#")
            result += (isSpecial ? "\\" : "") + String(character)
        }
        return result
    }

    private static func key(_ oid: [UInt8]) -> String {
        if oid.count == 3, oid[0] == 0x55, oid[1] == 0x04 {
            switch oid[2] {
            case 3: return "CN"
            case 5: return "SERIALNUMBER"
            case 6: return "C"
            case 7: return "L"
            case 8: return "ST"
            case 9: return "STREET"
            case 10: return "O"
            case 11: return "OU"
            case 17: return "POSTALCODE"
            default: break
            }
        }
        return dotted(oid)
    }

    private static func dotted(_ oid: [UInt8]) -> String {
        var numbers: [UInt64] = []
        var number: UInt64 = 0
        for byte in oid {
            number = number << 7 | UInt64(byte & 0x7F)
            if byte & 0x80 == 0 {
                numbers.append(number)
                number = 0
            }
        }
        guard let first = numbers.first else { return "" }
        let root = min(first / 40, 2)
        return ([root, first - root * 40] + numbers.dropFirst()).map(String.init)
            .joined(separator: ".")
    }
}
