import Testing
import WeirTelemetry

@testable import OtlpPlugin

struct MessageTests {
    @Test(arguments: [Encoding.proto, .json], Signal.allCases)
    func partialSuccessSurvivesTheWire(encoding: Encoding, signal: Signal) {
        for partial in [
            PartialSuccess(), PartialSuccess(rejected: 300, message: "späť \"x\""),
            PartialSuccess(message: "a warning"),
        ] {
            let bytes = partial.encoded(encoding, signal)
            #expect(unsafe PartialSuccess(response: bytes.span.bytes, encoding, signal) == partial)
        }
    }

    @Test func partialSuccessIsWrittenAsTheSpecificationHasIt() {
        let partial = PartialSuccess(rejected: 1, message: "x")
        #expect(partial.encoded(.proto, .logs) == [0x0a, 5, 0x08, 1, 0x12, 1, 0x78])
        #expect(
            partial.encoded(.json, .metrics)
                == #"{"partialSuccess":{"rejectedDataPoints":"1","errorMessage":"x"}}"#.bytes)
    }

    @Test(arguments: [
        #"{"partialSuccess":{"rejectedSpans":3,"errorMessage":"x"}}"#,
        #"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"x","new":[]}}"#,
    ])
    func countsMayBeNumbersOrStrings(text: String) {
        let partial = unsafe PartialSuccess(response: text.bytes.span.bytes, .json, .traces)
        #expect(partial == PartialSuccess(rejected: 3, message: "x"))
    }

    @Test func aNegativeCountMeansNone() {
        let bytes: [UInt8] =
            [0x0a, 11, 0x08] + [UInt8](repeating: 0xff, count: 9) + [0x01]
        #expect(unsafe PartialSuccess(response: bytes.span.bytes, .proto, .traces).isEmpty)
    }

    @Test func statusIsWrittenAsTheSpecificationHasIt() {
        let status = StatusMessage(code: 3, message: "no")
        #expect(status.encoded(.proto) == [0x08, 3, 0x12, 2, 0x6e, 0x6f])
        #expect(status.encoded(.json) == #"{"code":3,"message":"no"}"#.bytes)
    }
}
