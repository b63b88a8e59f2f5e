import AttributesPlugin
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

struct SettingsTests {
    /// What is wrong, and the words that the message must have.
    @Test(arguments: [
        (#"{"key": "", "action": "delete"}"#, ["actions[0]", "found no key"]),
        (#"{"key": "k", "action": "upsrt"}"#, ["\"upsrt\"", "insert, update, upsert"]),
        (#"{"key": "k", "action": "upsert"}"#, ["nothing beside the key", "`value`"]),
        (
            #"{"key": "k", "action": "insert", "value": 1, "from_attribute": "b"}"#,
            ["`value` and `from_attribute`", "either"]
        ),
        (#"{"key": "k", "action": "delete", "value": 1}"#, ["`value`", "nothing beside"]),
        (#"{"key": "k", "action": "hash", "new_key": "x"}"#, ["`new_key`", "nothing beside"]),
        (#"{"key": "k", "action": "rename"}"#, ["`new_key`"]),
        (
            #"{"key": "k", "action": "convert", "converted_type": "bool"}"#,
            ["int, double or string"]
        ),
        (
            #"{"key": "k", "action": "upsert", "value": {"a": 1}}"#,
            ["actions[0].value", "a mapping"]
        ),
    ])
    func refuses(_ action: String, _ words: [String]) throws {
        let host = FakeHost()
        let error = #expect(throws: ComponentError.self) {
            try host.createRaw(
                plugin, .processor, "attributes", #"{"actions": [\#(action)]}"#)
        }
        #expect(error?.kind == .invalid)
        for word in words { #expect(error?.message.contains(word) == true, "\(error!.message)") }
    }

    @Test(arguments: ["from_context", "pattern", "include"])
    func saysWhatItDoesNotHave(_ key: String) throws {
        let host = FakeHost()
        let settings = #"{"actions": [{"key": "k", "action": "delete", "\#(key)": "x"}]}"#
        let error = #expect(throws: TestFailure.self) {
            _ = try host.create(plugin, .processor, "attributes", settings: settings)
        }
        #expect(error?.description.contains(key) == true)
    }

    /// What the Collector writes for a double that becomes text.
    @Test(arguments: [
        (1.5, "1.5"), (0, "0"), (-2, "-2"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
        (1.25e22, "1.25e+22"), (0.000001, "0.000001"), (1.5e-7, "1.5e-7"),
        (123_456.789, "123456.789"), (.infinity, "+Inf"),
    ])
    func writesDoubles(_ number: Double, _ expected: String) throws {
        let output = try run(
            "attributes", "actions",
            #"{"key": "k", "action": "convert", "converted_type": "string"}"#, .traces,
            Sample.request(.traces, record: [Pair("k", Wire.double(number))]))
        #expect(
            RequestTree(output, .traces, .record).attributes == [
                [Pair("k", Wire.string(expected))]
            ])
    }

    @Test(arguments: [
        ("int", Wire.string("42"), Wire.int(42)), ("int", Wire.double(-1.9), Wire.int(-1)),
        ("int", Wire.bool(true), Wire.int(1)), ("int", Wire.double(1e300), Wire.double(1e300)),
        ("double", Wire.string("2.5"), Wire.double(2.5)), ("double", Wire.int(3), Wire.double(3)),
        ("double", Wire.string("x"), Wire.string("x")),
        ("string", Wire.bool(false), Wire.string("false")),
    ])
    func converts(_ type: String, _ value: [UInt8], _ expected: [UInt8]) throws {
        let output = try run(
            "attributes", "actions",
            #"{"key": "k", "action": "convert", "converted_type": "\#(type)"}"#, .logs,
            Sample.request(.logs, record: [Pair("k", value)]))
        #expect(RequestTree(output, .logs, .record).attributes == [[Pair("k", expected)]])
    }
}
