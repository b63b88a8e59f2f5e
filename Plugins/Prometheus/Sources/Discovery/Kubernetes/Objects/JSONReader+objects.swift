import WeirJSON

// Kubernetes leaves out what is empty, or writes null: both read as empty here.
extension JSONReader {
    mutating func text() throws(JSONError) -> String {
        try skipNull() ? "" : readString().string
    }

    mutating func integer() throws(JSONError) -> Int64 {
        try skipNull() ? 0 : readNumber().int64 ?? 0
    }

    mutating func flag() throws(JSONError) -> Bool { try skipNull() ? false : readBool() }

    /// Begins an object, unless it is null.
    mutating func opensObject() throws(JSONError) -> Bool {
        if try skipNull() { return false }
        try beginObject()
        return true
    }

    /// Begins an array, unless it is null.
    mutating func opensArray() throws(JSONError) -> Bool {
        if try skipNull() { return false }
        try beginArray()
        return true
    }

    /// An object of texts, in its order.
    mutating func pairs() throws(JSONError) -> [NamedText] {
        guard try opensObject() else { return [] }
        var pairs: [NamedText] = []
        while let key = try nextKey() {
            let name = key.string
            pairs.append(NamedText(name: name, value: try text()))
        }
        return pairs
    }

    mutating func texts() throws(JSONError) -> [String] {
        guard try opensArray() else { return [] }
        var texts: [String] = []
        while try nextElement() { texts.append(try text()) }
        return texts
    }

    private mutating func skipNull() throws(JSONError) -> Bool {
        guard try peek() == .null else { return false }
        try readNull()
        return true
    }
}

/// A label, an annotation, an address by its type.
struct NamedText: Sendable, Equatable {
    var name: String
    var value: String
}

extension JSONReader {
    /// Conditions: status by type.
    mutating func conditions() throws(JSONError) -> [NamedText] {
        try namedTexts("type", "status")
    }

    /// An array of objects, of which two members count.
    mutating func namedTexts(
        _ nameKey: String, _ valueKey: String
    ) throws(JSONError) -> [NamedText] {
        guard try opensArray() else { return [] }
        var result: [NamedText] = []
        while try nextElement() {
            guard try opensObject() else { continue }
            var (name, value) = ("", "")
            while let key = try nextKey() {
                let member = key.string
                if member == nameKey {
                    name = try text()
                } else if member == valueKey {
                    value = try text()
                } else {
                    try skipValue()
                }
            }
            result.append(NamedText(name: name, value: value))
        }
        return result
    }
}
