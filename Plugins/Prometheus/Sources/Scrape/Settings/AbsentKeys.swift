/// Keys of Prometheus and of the Collector that Weir does not have: known to the schema, so that
/// the answer to them is a reason and not a guess at a typo.
struct AbsentKeys: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
        var key: String
        var advice: String
    }

    let found: [Entry]

    init(_ absent: [(key: String, advice: String)], in decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: AnyKey.self)
        var found: [Entry] = []
        for (key, advice) in absent where container.contains(AnyKey(key)) {
            // A key without a value asks for nothing.
            if try !container.decodeNil(forKey: AnyKey(key)) {
                found.append(Entry(key: key, advice: advice))
            }
        }
        self.found = found
    }
}

struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
}
