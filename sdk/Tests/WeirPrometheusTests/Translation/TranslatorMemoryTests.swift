import Testing
import WeirTelemetry

@testable import WeirPrometheus

/// A translator looks for what came last time first; that must never show.
struct TranslatorMemoryTests {
    /// Points of one gauge with whatever fields they are given, as they stand.
    private func gauge(_ points: [[UInt8]]) -> [UInt8] {
        var request: [UInt8] = []
        request.appendMessage(1) { resource in
            resource.appendMessage(2) { scope in
                scope.appendMessage(2) { metric in
                    metric.appendField(1, "m")
                    metric.appendMessage(5) { data in
                        for point in points { data.appendField(1, point) }
                    }
                }
            }
        }
        return request
    }

    private func attribute(_ key: String, _ value: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendMessage(7) { Attribute(key, .string(value)).append(to: &$0) }
        return bytes
    }

    private func number(_ value: Double) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendField(4, fixed64: value.bitPattern)
        return bytes
    }

    /// Points that begin with the attributes of those before them, have more or fewer of them, or
    /// have them elsewhere.
    @Test func attributesOfOthersAreNotTaken() {
        let (a, b, c) = (attribute("a", "1"), attribute("b", "2"), attribute("c", "3"))
        let lines = Lines()
        let first = gauge([number(1) + a + b, number(2) + a, number(3) + c])
        #expect(
            lines(first) == [
                #"{__name__="m", a="1", b="2"} 1.0"#, #"{__name__="m", a="1"} 2.0"#,
                #"{__name__="m", c="3"} 3.0"#,
            ])
        #expect(lines(first).count == 3)
        let second = gauge([
            a + b + number(4), a + number(5) + c, number(6) + c + a, number(7), a + number(8) + b,
            number(9) + a + b + c,
        ])
        for _ in 0..<2 {
            #expect(
                lines(second) == [
                    #"{__name__="m", a="1", b="2"} 4.0"#, #"{__name__="m", a="1", c="3"} 5.0"#,
                    #"{__name__="m", a="1", c="3"} 6.0"#, #"{__name__="m"} 7.0"#,
                    #"{__name__="m", a="1", b="2"} 8.0"#,
                    #"{__name__="m", a="1", b="2", c="3"} 9.0"#,
                ])
        }
        // In another order they are other bytes; apart they are put together.
        #expect(lines.translator.count == 7)
    }

    /// Any sequence of requests gives what each gives to a translator that knows nothing.
    @Test(arguments: 0..<200)
    func whatWasSeenDoesNotShow(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        let lines = Lines()
        for _ in 0..<12 {
            let points = (0..<Int.random(in: 0...9, using: &random)).map { _ in
                var fields = (0..<Int.random(in: 0...3, using: &random)).map { index in
                    attribute(
                        "k\(index)",
                        String(repeating: "v", count: [1, 2, 60].randomElement(using: &random)!))
                }
                fields.append(number(Double(Int.random(in: 0...99, using: &random))))
                if Bool.random(using: &random) { fields.shuffle(using: &random) }
                return Array(fields.joined())
            }
            let request = gauge(points)
            #expect(lines(request) == Lines()(request))
        }
    }
}
