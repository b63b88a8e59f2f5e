import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

/// Random requests and random actions against a model that knows nothing of bytes.
struct PropertyTests {
    @Test(arguments: Signal.allCases, 0..<120)
    func agreesWithTheModel(_ signal: Signal, _ seed: Int) throws {
        var random = Generator(seed: UInt64(seed) &* 0x9e37_79b9 &+ UInt64(signal.rawValue))
        for (level, type, list) in [
            (Level.record, "attributes", "actions"), (.resource, "resource", "attributes"),
        ] {
            let input = random.request(signal)
            let actions = (0..<random.below(5) + 1).map { _ in random.action() }
            let json = actions.map(\.json).joined(separator: ", ")
            let output = try run(type, list, json, signal, input)
            let before = RequestTree(input, signal, level)
            let after = RequestTree(output, signal, level)
            let expected = before.attributes.map { pairs in
                actions.reduce(into: pairs) { $1.apply(to: &$0) }
            }
            #expect(after.rest == before.rest, "\(json)")
            #expect(
                after.attributes.map { $0.sorted { "\($0)" < "\($1)" } }
                    == expected.map { $0.sorted { "\($0)" < "\($1)" } }, "\(json)")
            // Nothing to do means not one byte of difference.
            if expected == before.attributes { #expect(output == input, "\(json)") }
        }
    }
}

/// An action as settings have it and as a list of pairs knows it.
struct ModelAction {
    var name: String
    var key: String
    var value: (json: String, bytes: [UInt8])?
    var from: String?
    var newKey: String?

    var json: String {
        var text = #"{"key": "\#(key)", "action": "\#(name)""#
        if let value { text += #", "value": \#(value.json)"# }
        if let from { text += #", "from_attribute": "\#(from)""# }
        if let newKey { text += #", "new_key": "\#(newKey)""# }
        return text + "}"
    }

    func apply(to pairs: inout [Pair]) {
        func get(_ key: String) -> [UInt8]? { pairs.first { $0.key == key }?.value }
        func set(_ key: String, _ value: [UInt8]) {
            if let index = pairs.firstIndex(where: { $0.key == key }) {
                pairs[index].value = value
                let rest = pairs[(index + 1)...].filter { $0.key != key }
                pairs = pairs[...index] + rest
            } else {
                pairs.append(Pair(key, value))
            }
        }
        if name == "delete" {
            pairs.removeAll { $0.key == key }
        } else if name == "rename", let newKey {
            guard let value = get(key), key != newKey else { return }
            pairs.removeAll { $0.key == key }
            set(newKey, value)
        } else if from != key, let new = value?.bytes ?? from.flatMap(get) {
            let isThere = get(key) != nil
            if name == "upsert" || isThere == (name == "update") { set(key, new) }
        }
    }
}

struct Generator {
    private var state: UInt64
    private let keys = ["a", "b", "service.name", "http.request.method", "é", "long.key.of.many"]

    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }

    mutating func value() -> (json: String, bytes: [UInt8]) {
        switch below(6) {
        case 0: return ("true", Wire.bool(true))
        case 1: return ("-3", Wire.int(-3))
        case 2: return ("0.25", Wire.double(0.25))
        case 3: return (#"["x", 1]"#, Wire.list([Wire.string("x"), Wire.int(1)]))
        case 4:
            // Long enough to move lengths over the border of one byte.
            let text = String(repeating: "y", count: 100 + below(60))
            return ("\"\(text)\"", Wire.string(text))
        default: return (#""z""#, Wire.string("z"))
        }
    }

    mutating func action() -> ModelAction {
        let name = ["insert", "update", "upsert", "delete", "rename"][below(5)]
        var action = ModelAction(name: name, key: keys[below(keys.count)])
        if name == "rename" {
            action.newKey = keys[below(keys.count)]
        } else if name != "delete" {
            if below(3) == 0 {
                action.from = keys[below(keys.count)]
            } else {
                action.value = value()
            }
        }
        return action
    }

    mutating func pairs() -> [Pair] {
        (0..<below(6)).map { _ in Pair(keys[below(keys.count)], value().bytes) }
    }

    mutating func shuffled(_ fields: [[UInt8]]) -> [UInt8] {
        var fields = fields
        for index in fields.indices.dropFirst().reversed() {
            fields.swapAt(index, below(index + 1))
        }
        return fields.flatMap { $0 }
    }

    mutating func unknown() -> [UInt8] {
        below(3) == 0 ? Wire.text(100 + below(1000), "unknown") : []
    }

    /// A request whose fields stand in any order, some missing, some twice.
    mutating func request(_ signal: Signal) -> [UInt8] {
        var groups: [UInt8] = []
        for _ in 0..<below(3) + 1 {
            var fields: [[UInt8]] = [unknown(), below(2) == 0 ? Wire.text(3, "schema") : []]
            for _ in 0..<[1, 1, 1, 0, 2][below(5)] {
                let attributes = pairs().flatMap { Wire.attribute(1, $0.key, $0.value) }
                fields.append(Wire.bytes(1, attributes + unknown()))
            }
            for _ in 0..<below(3) {
                var records: [[UInt8]] = [Wire.bytes(1, Wire.text(1, "scope")), unknown()]
                for _ in 0..<below(4) {
                    let data = [5, 7, 9, 10, 11][below(5)]
                    records.append(
                        Sample.recordField(signal, data: data, pairs(), unknown: unknown()))
                }
                fields.append(Wire.bytes(2, shuffled(records)))
            }
            groups += Wire.bytes(1, shuffled(fields))
        }
        return groups
    }
}
