import Testing
import WeirJSON

@testable import PrometheusPlugin

struct WatchReadingTests {
    private static let event = #"""
        {"type":"MODIFIED","object":{"metadata":{"name":"p","namespace":"n","labels":null,
        "resourceVersion":"7","ownerReferences":[{"controller":true,"kind":"Job","name":"j"}]},
        "spec":{"containers":[{"name":"c","ports":null}],"initContainers":null},
        "status":{"podIP":"10.0.0.1","conditions":null,"containerStatuses":[{"name":"c"}]}}}
        """#.filter { $0 != "\n" }

    /// However a body is cut into pieces, the lines are the same.
    @Test func linesDoNotDependOnPieces() {
        var random = SystemRandomNumberGenerator()
        let lines = (0..<20).map { index in String(repeating: "é\(index),", count: index) }
        let body = Array(lines.joined(separator: "\n").utf8) + [UInt8(ascii: "\n")]
        for _ in 0..<200 {
            var buffer = LineBuffer()
            var found: [String] = []
            var start = 0
            while start < body.count {
                let end = min(body.count, start + Int.random(in: 1...40, using: &random))
                let piece = Array(body[start..<end])
                let fits = unsafe buffer.take(piece.span.bytes) { line in
                    found.append(
                        unsafe line.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) })
                }
                #expect(fits)
                start = end
            }
            #expect(found == lines.filter { !$0.isEmpty })
        }
    }

    @Test func emptyPartsAreNull() throws {
        let bytes = Array(WatchReadingTests.event.utf8)
        guard case .put(let found) = try unsafe WatchEvent(.pods, bytes.span.bytes),
            case .pod(let pod) = found.object
        else {
            Issue.record("expected a pod")
            return
        }
        #expect(found.version == "7")
        #expect(pod.meta.key == "n/p")
        #expect(pod.meta.controllerKind == "Job")
        #expect(pod.ready == "unknown")
        #expect(pod.containers == [Pod.Container(name: "c")])
    }

    /// What is cut off or garbled is an error, never a trap and never half an object.
    @Test(arguments: ResourceKind.allCases) func brokenEventsAreErrors(_ kind: ResourceKind) {
        let bytes = Array(WatchReadingTests.event.utf8)
        for end in 0..<bytes.count {
            let piece = Array(bytes[..<end])
            #expect(throws: JSONError.self) { try unsafe WatchEvent(kind, piece.span.bytes) }
        }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            var garbled = bytes
            for _ in 0..<3 {
                garbled[Int.random(in: garbled.indices, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            _ = try? unsafe WatchEvent(kind, garbled.span.bytes)
        }
    }
}
