import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

/// What a message of a broker turns out to hold.
struct CheckedMessageTests {
    /// A field of a message, shorter than 128 bytes.
    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(content.count)] + content
    }

    private static func request(_ spans: [UInt8]) -> [UInt8] { field(1, field(2, spans)) }

    private static let good = field(2, field(5, Array("good".utf8)))
    private static let bad = field(2, field(5, [0xff, 0x41]))

    @Test(arguments: [
        (good + good, good + good, 2, 0), (good + bad + good, good + good, 2, 1),
    ])
    func aRequestIsMadeOfWhatIsValid(
        _ spans: [UInt8], _ left: [UInt8], _ items: Int, _ leftOut: Int
    ) throws {
        let fake = FakeHost()
        let host = fake.asSeenByPlugin
        guard case .request(let request) = try host.checkMessage(Self.request(spans), as: .traces)
        else {
            Issue.record("no request")
            return
        }
        #expect(request.signal == .traces && request.items == items && request.leftOut == leftOut)
        #expect(request.reason.contains("spans[1].name") == (leftOut > 0))
        let batch = try host.makeBatch(request)
        #expect(batch.items == items && batch.copyBytes() == Self.request(left))
    }

    @Test func jsonBecomesProtobuf() throws {
        let json = #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"good"}]}]}]}"#
        let host = FakeHost().asSeenByPlugin
        let checked = try host.checkMessage(Array(json.utf8), as: .traces, isJSON: true)
        guard case .request(let request) = checked else {
            Issue.record("no request: \(checked)")
            return
        }
        #expect(try host.makeBatch(request).copyBytes() == Self.request(Self.good))
    }

    @Test(arguments: [
        ([], false, 0), ([], true, 0), (Array("{}".utf8), true, 0), (request([]), false, 0),
        (request(bad + bad), false, 2),
    ])
    func whatHasNoItemIsEmpty(_ message: [UInt8], _ isJSON: Bool, _ leftOut: Int) throws {
        let host = FakeHost().asSeenByPlugin
        let checked = try host.checkMessage(message, as: .traces, isJSON: isJSON)
        guard case .empty(leftOut, let reason) = checked else {
            Issue.record("not empty: \(checked)")
            return
        }
        #expect(reason.isEmpty == (leftOut == 0))
    }

    @Test(arguments: [
        (Array("{}".utf8), false), (Array("{".utf8), true), ([0x0a, 9], false), (good, true),
    ])
    func whatIsNoOTLPIsSaid(_ message: [UInt8], _ isJSON: Bool) throws {
        let host = FakeHost().asSeenByPlugin
        let checked = try host.checkMessage(message, as: .traces, isJSON: isJSON)
        guard case .malformed(let why) = checked else {
            Issue.record("taken: \(checked)")
            return
        }
        #expect(!why.isEmpty)
    }
}
