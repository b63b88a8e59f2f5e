/// The edits, with their keys numbered.
struct AttributePlan: Sendable {
    let edits: [AttributeEdit]
    /// The keys that the edits name, each once, as UTF-8.
    private(set) var keys: [[UInt8]] = []
    /// One bit for each length (modulo 64) that a key has: most attributes fail this test.
    private(set) var lengths: UInt64 = 0
    /// For each edit: the key that it reads or writes, and the one beside it (source or target).
    private(set) var slots: [(key: Int, other: Int)] = []
    let hasPredicates: Bool
    /// For each edit that names a value: the `AnyValue`.
    private var encodedValues: [[UInt8]] = []

    func encodedValue(_ edit: Int) -> [UInt8] { encodedValues[edit] }

    init(_ edits: [AttributeEdit]) {
        self.edits = edits
        hasPredicates = edits.contains { if case .deleteWhere = $0.action { true } else { false } }
        var keys: [[UInt8]] = []
        func slot(_ key: String) -> Int {
            let key = Array(key.utf8)
            if let index = keys.firstIndex(of: key) { return index }
            keys.append(key)
            return keys.count - 1
        }
        for edit in edits {
            var other = -1
            switch edit.action {
            case .insert(.attribute(let name)), .update(.attribute(let name)),
                .upsert(.attribute(let name)), .rename(let name):
                other = slot(name)
            default: break
            }
            let isPredicate = if case .deleteWhere = edit.action { true } else { false }
            var encoded: [UInt8] = []
            switch edit.action {
            case .insert(.value(let value)), .update(.value(let value)), .upsert(.value(let value)):
                value.append(to: &encoded)
            default: break
            }
            encodedValues.append(encoded)
            slots.append((isPredicate ? -1 : slot(edit.key), other))
        }
        self.keys = keys
        for key in keys { lengths |= 1 << UInt64(key.count & 63) }
    }

    /// The number of a key, or -1.
    @inline(__always)
    func slot(of key: RawSpan) -> Int {
        guard lengths >> UInt64(key.byteCount & 63) & 1 == 1 else { return -1 }
        for index in 0..<keys.count where keys[index].count == key.byteCount {
            let name = keys[index]
            if unsafe key.hasSameBytes(as: name.span.bytes) { return index }
        }
        return -1
    }
}
