import Testing
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

struct RelabelFaultTests {
    @Test(arguments: [
        (
            #"{"action":"hashmod","target_label":"a"}"#,
            "[0].modulus: hashmod needs a modulus of at least 1"
        ),
        (#"{"source_labels":["a"]}"#, "[0].target_label: the action replace needs a target_label"),
        (
            #"{"action":"lowercase","source_labels":["a"]}"#,
            "[0].target_label: the action lowercase needs a target_label"
        ),
        (
            #"{"action":"uppercase","target_label":"a","replacement":"x"}"#,
            "[0].replacement: the action uppercase does not use it; it takes source_labels, "
                + "separator and target_label, remove it"
        ),
        (
            #"{"action":"keepequal","target_label":"a","regex":"x"}"#,
            "[0].regex: the action keepequal does not use it; it takes source_labels and "
                + "target_label only, remove it"
        ),
        (
            #"{"action":"labeldrop","source_labels":["a"],"regex":"x"}"#,
            "[0].source_labels: the action labeldrop does not use it; it takes regex only, "
                + "remove it"
        ),
        (
            #"{"action":"labelmap","replacement":""}"#,
            "[0].replacement: found \"\", expected what gives the name of a label"
        ),
        (
            #"{"action":"dropp"}"#,
            "[0].action: found \"dropp\", expected one of replace, keep, drop, keepequal, "
                + "dropequal, hashmod, labelmap, labeldrop, labelkeep, lowercase, uppercase"
        ),
        (
            #"{"source_labels":"a","target_label":"b"}"#,
            "[0].source_labels: found \"a\", expected a list"
        ),
    ])
    func whatMakesNoSenseIsRefused(_ rule: String, _ message: String) throws {
        let error = #expect(throws: ComponentError.self) { try rules("[\(rule)]") }
        #expect(error == .invalid("settings: " + message))
    }

    @Test(arguments: [
        #"{"action":"labelmap","replacement":"1$1"}"#,
        #"{"target_label":"a-b","replacement":"x"}"#,
        #"{"target_label":"é","replacement":"x"}"#,
        #"{"target_label":"a.${1","replacement":"x"}"#,
        #"{"action":"hashmod","modulus":2,"target_label":"$1"}"#,
    ])
    func namesOfLegacySchemeAreNarrower(_ rule: String) throws {
        let host = FakeHost()
        _ = try host.relabelling("[\(rule)]")
        #expect(throws: ComponentError.self) {
            try host.relabelling("[\(rule)]", names: .legacy)
        }
    }

    @Test(arguments: [
        #"{"target_label":"${1}_b","replacement":"x"}"#,
        #"{"target_label":"a$1","replacement":"x"}"#,
        #"{"target_label":"__address__","replacement":"x"}"#,
        #"{"action":"labelmap","regex":"__meta_(.+)"}"#,
    ])
    func bothSchemesTake(_ rule: String) throws {
        _ = try FakeHost().relabelling("[\(rule)]", names: .legacy)
    }

    @Test func anExpressionThatDoesNotCompileIsNamed() throws {
        let error = #expect(throws: ComponentError.self) {
            try FakeHost().relabelling(
                #"[{"target_label":"a"},{"action":"drop","regex":"a(b"}]"#)
        }
        #expect(error?.message.hasPrefix("relabel_configs[1].regex: ") == true)
    }
}
