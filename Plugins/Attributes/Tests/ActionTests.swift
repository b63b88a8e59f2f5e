import AttributesPlugin
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

/// One action, and what it makes of attributes with and without the key `k`.
struct ActionCase: Sendable, CustomTestStringConvertible {
    var action: String
    var present: [Pair]
    var absent: [Pair]
    var testDescription: String { action }
}

private let k = Pair("k", Wire.string("old"))
private let other = Pair("other", Wire.int(-7))
/// SHA-256 of "old".
private let hashed = Wire.string("cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4")

private let cases: [ActionCase] = [
    ActionCase(
        action: #"{"key": "k", "action": "insert", "value": "new"}"#, present: [k, other],
        absent: [other, Pair("k", Wire.string("new"))]),
    ActionCase(
        action: #"{"key": "k", "action": "update", "value": 42}"#,
        present: [Pair("k", Wire.int(42)), other], absent: [other]),
    ActionCase(
        action: #"{"key": "k", "action": "upsert", "value": 1.5}"#,
        present: [Pair("k", Wire.double(1.5)), other],
        absent: [other, Pair("k", Wire.double(1.5))]),
    ActionCase(
        action: #"{"key": "k", "action": "UPSERT", "value": true}"#,
        present: [Pair("k", Wire.bool(true)), other], absent: [other, Pair("k", Wire.bool(true))]),
    ActionCase(
        action: #"{"key": "k", "action": "upsert", "value": ["a", 1, false]}"#,
        present: [
            Pair("k", Wire.list([Wire.string("a"), Wire.int(1), Wire.bool(false)])), other,
        ],
        absent: [
            other, Pair("k", Wire.list([Wire.string("a"), Wire.int(1), Wire.bool(false)])),
        ]),
    ActionCase(
        action: #"{"key": "k", "action": "upsert", "from_attribute": "other"}"#,
        present: [Pair("k", Wire.int(-7)), other], absent: [other, Pair("k", Wire.int(-7))]),
    ActionCase(
        action: #"{"key": "k", "action": "upsert", "from_attribute": "missing"}"#,
        present: [k, other], absent: [other]),
    ActionCase(action: #"{"key": "k", "action": "delete"}"#, present: [other], absent: [other]),
    ActionCase(
        action: #"{"key": "k", "action": "hash"}"#, present: [Pair("k", hashed), other],
        absent: [other]),
    ActionCase(
        action: #"{"key": "k", "action": "rename", "new_key": "n"}"#,
        present: [other, Pair("n", Wire.string("old"))], absent: [other]),
    ActionCase(
        action: #"{"key": "k", "action": "rename", "new_key": "other"}"#,
        present: [Pair("other", Wire.string("old"))], absent: [other]),
    ActionCase(
        action: #"{"key": "other", "action": "convert", "converted_type": "string"}"#,
        present: [k, Pair("other", Wire.string("-7"))], absent: [Pair("other", Wire.string("-7"))]),
    ActionCase(
        action: #"{"key": "k", "action": "convert", "converted_type": "int"}"#,
        present: [k, other], absent: [other]),
]

struct ActionTests {
    /// Attributes of records: each action, with and without the key, in each kind of record.
    @Test(arguments: cases, Sample.attributeNumbers.indices)
    func editsRecords(_ test: ActionCase, _ kind: Int) throws {
        let (signal, data, _) = Sample.attributeNumbers[kind]
        for (pairs, expected) in [([k, other], test.present), ([other], test.absent)] {
            let input = Sample.request(
                signal, data: data, resource: [k], record: pairs, unknown: Wire.text(999, "kept"))
            let output = try run("attributes", "actions", test.action, signal, input)
            let (before, after) = (
                RequestTree(input, signal, .record), RequestTree(output, signal, .record)
            )
            #expect(after.attributes == [expected])
            #expect(after.rest == before.rest)
            if expected == pairs { #expect(output == input) }
        }
    }

    /// Attributes of the resource, which may stand before or after its children.
    @Test(arguments: cases, [false, true])
    func editsResources(_ test: ActionCase, resourceLast: Bool) throws {
        for signal in Signal.allCases {
            for (pairs, expected) in [([k, other], test.present), ([other], test.absent)] {
                let input = Sample.request(
                    signal, resource: pairs, record: [k], resourceLast: resourceLast,
                    unknown: Wire.text(999, "kept"))
                let output = try run("resource", "attributes", test.action, signal, input)
                let (before, after) = (
                    RequestTree(input, signal, .resource), RequestTree(output, signal, .resource)
                )
                #expect(after.attributes == [expected])
                #expect(after.rest == before.rest)
                if expected == pairs { #expect(output == input) }
            }
        }
    }

    @Test func makesAMissingResourceOnlyToAddToIt() throws {
        let input = Sample.request(.logs, resource: nil, record: [])
        let added = try run(
            "resource", "attributes", #"{"key": "k", "action": "insert", "value": "v"}"#, .logs,
            input)
        #expect(
            RequestTree(added, .logs, .resource).attributes == [[Pair("k", Wire.string("v"))]])
        let deleted = try run(
            "resource", "attributes", #"{"key": "k", "action": "delete"}"#, .logs, input)
        #expect(deleted == input)
    }

    /// Actions apply in order: the second sees what the first has made.
    @Test func appliesInOrder() throws {
        let actions = """
            {"key": "user", "action": "insert", "from_attribute": "k"},
            {"key": "user", "action": "hash"}, {"key": "k", "action": "delete"}
            """
        let input = Sample.request(.traces, record: [k, other])
        let output = try run("attributes", "actions", actions, .traces, input)
        #expect(
            RequestTree(output, .traces, .record).attributes == [[other, Pair("user", hashed)]])
    }

    /// A key that stands twice counts with its first value, and is one afterwards.
    @Test(arguments: [
        (#"{"key": "k", "action": "update", "value": 1}"#, [Pair("k", Wire.int(1))]),
        (#"{"key": "k", "action": "delete"}"#, []),
        (#"{"key": "k", "action": "rename", "new_key": "n"}"#, [Pair("n", Wire.string("old"))]),
        (#"{"key": "k", "action": "insert", "value": 1}"#, [k, Pair("k", Wire.string("second"))]),
    ])
    func foldsDuplicates(_ action: String, _ expected: [Pair]) throws {
        let input = Sample.request(.logs, record: [k, Pair("k", Wire.string("second"))])
        let output = try run("attributes", "actions", action, .logs, input)
        #expect(RequestTree(output, .logs, .record).attributes == [expected])
    }

    /// What the Collector hashes of each kind: text, one byte, eight bytes; else nothing.
    @Test(arguments: [
        (Wire.bool(true), "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a"),
        (Wire.int(1), "7c9fa136d4413fa6173637e883b6998d32e1d675f88cddff9dcbcf331820f4b8"),
        (Wire.double(0), "af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc"),
        (Wire.string(""), ""),
        (Wire.list([Wire.int(1)]), ""),
    ])
    func hashes(_ value: [UInt8], _ expected: String) throws {
        let input = Sample.request(.traces, record: [Pair("k", value)])
        let output = try run(
            "attributes", "actions", #"{"key": "k", "action": "hash"}"#, .traces, input)
        #expect(
            RequestTree(output, .traces, .record).attributes == [
                [Pair("k", Wire.string(expected))]
            ])
    }
}

/// What a processor with these actions makes of one request.
func run(
    _ type: String, _ list: String, _ actions: String, _ signal: Signal, _ input: [UInt8]
) throws -> [UInt8] {
    let host = FakeHost()
    let processor = try host.start(
        plugin, .processor, type, settings: #"{"\#(list)": [\#(actions)]}"#)
    try processor.consume(host.batch(signal, input))
    let emitted = host.emitted
    try processor.end()
    try #require(emitted.count == 1)
    return emitted[0].bytes
}
