import KafkaTestSupport
import WeirSDK
import WeirTelemetry
import WeirTestKit

/// Waits on a thread of the test's own until it is so: brokers are real processes in that they take
/// their time.
func waits(_ seconds: Double = 20, until isSo: () -> Bool) -> Bool {
    let pause = Semaphore()
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if isSo() { return true }
        _ = pause.wait(for: .milliseconds(5))
    }
    return isSo()
}

extension MockBrokers {
    /// Settings of either component for these brokers: `more` stands before them.
    func settings(_ more: String = "") -> String {
        #"{\#(more.isEmpty ? "" : more + ",") "brokers": ["\#(addresses)"]}"#
    }
}

/// One span in one trace; the number is the trace's and the span's id.
func spans(_ numbers: [Int]) throws -> [UInt8] {
    let list = numbers.map { number in
        let hexadecimal = String(number, radix: 16)
        let id = String(repeating: "0", count: 16 - hexadecimal.count) + hexadecimal
        return #"{"traceId":"\#(id)\#(id)","spanId":"\#(id)","name":"span\#(number)"}"#
    }
    let text = #"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(list.joined(separator: ","))]}]}]}"#
    return try protobuf(fromJSON: Array(text.utf8), as: .traces)
}

/// The numbers of `spans` in requests.
func numbers(in requests: [[UInt8]]) -> [Int] {
    var found: [Int] = []
    for request in requests {
        var groups = unsafe RequestView(request.span.bytes).resources
        while let group = groups.next() {
            var scopes = group.scopes
            while let scope = scopes.next() {
                var spans = scope.spans
                while let span = spans.next() {
                    let id = unsafe span.spanID.withUnsafeBytes { unsafe Array($0) }
                    found.append(id.reduce(0) { $0 << 8 | Int($1) })
                }
            }
        }
    }
    return found
}
