import Testing

@testable import ProbePlugin

struct DNSTests {
    /// example.org, with what each type of record looks like.
    static let answer: [UInt8] = {
        var bytes: [UInt8] = [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 6, 0, 0, 0, 0]
        bytes += [7] + Array("example".utf8) + [3] + Array("org".utf8) + [0, 0, 255, 0, 1]
        func record(_ type: UInt8, _ data: [UInt8]) {
            bytes += [0xC0, 12, 0, type, 0, 1, 0, 0, 1, 44, 0, UInt8(data.count)] + data
        }
        record(1, [192, 0, 2, 1])
        record(28, [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1])
        record(15, [0, 10, 4] + Array("mail".utf8) + [0xC0, 12])
        record(16, [3] + Array("a\"b".utf8) + [1, 7])
        record(
            6,
            [2] + Array("ns".utf8) + [0xC0, 12, 0, 0, 0, 0, 42] + [UInt8](repeating: 0, count: 16))
        record(99, [0xAB, 0xCD])
        return bytes
    }()

    @Test func records() throws {
        let message = try DNSMessage(Self.answer)
        #expect(message.id == 0x1234 && message.isAnswer && message.codeName == "NOERROR")
        #expect(
            message.answer.map(\.text) == [
                "example.org.\t300\tIN\tA\t192.0.2.1",
                "example.org.\t300\tIN\tAAAA\t2001:db8::1",
                "example.org.\t300\tIN\tMX\t10 mail.example.org.",
                "example.org.\t300\tIN\tTXT\t\"a\\\"b\" \"\\007\"",
                "example.org.\t300\tIN\tSOA\tns.example.org. . 42 0 0 0 0",
                "example.org.\t300\tIN\tTYPE99\t\\# 2 abcd",
            ])
        #expect(message.answer[4].serial == 42)
    }

    @Test func damagedMessages() {
        for length in Self.answer.indices {
            #expect(throws: ProbeFailure.self) { try DNSMessage(Array(Self.answer[..<length])) }
            for change: UInt8 in [0, 0xC0, 0xFF, 0x40] {
                var damaged = Self.answer
                damaged[length] = change
                _ = try? DNSMessage(damaged)
            }
        }
        // A name that points to itself.
        let loop: [UInt8] = [0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 12, 0, 1, 0, 1]
        #expect(throws: ProbeFailure.self) { try DNSMessage(loop) }
    }

    @Test func queries() {
        let query = DNSMessage.query(id: 1, name: "a.bc.", type: 1, class: 1, recursion: true)
        #expect(
            query == [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 2, 98, 99, 0, 0, 1, 0, 1])
        let long = String(repeating: "a", count: 64)
        #expect(DNSMessage.query(id: 1, name: long, type: 1, class: 1, recursion: true) == nil)
        let many = Array(repeating: "abcdefgh", count: 40).joined(separator: ".")
        #expect(DNSMessage.query(id: 1, name: many, type: 1, class: 1, recursion: true) == nil)
    }
}
