import Testing

@testable import ProbePlugin

struct ResponseTests {
    private func parse(
        _ text: String, method: String = "GET", pieces: Int = 1000
    ) throws -> ResponseParser {
        var parser = ResponseParser(method: method, keepsBody: true)
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            try parser.take(Array(bytes[start..<min(start + pieces, bytes.count)]))
        }
        if !parser.isDone { try parser.end() }
        return parser
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200, "abc", 3),
            ("HTTP/1.0 404 Not Found\nX: y\n\nto the end", 404, "to the end", -1),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n",
                200, "abc0123456789", -1
            ),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n", 201,
                "", 0
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204, "", 0),
            ("HTTP/1.1 304\r\n\r\n", 304, "", -1),
        ] as [(String, Int, String, Int)])
    func answers(_ text: String, _ code: Int, _ body: String, _ length: Int) throws {
        for pieces in [1, 2, 7, 1000] {
            let answer = try parse(text, pieces: pieces)
            #expect(answer.code == code)
            #expect(String(decoding: answer.body, as: UTF8.self) == body)
            #expect(answer.bodyLength == body.utf8.count)
            #expect(answer.announced == length)
        }
    }

    @Test func headOfAnAnswer() throws {
        let answer = try parse(
            "HTTP/1.1 200 OK\r\nContent-Length: 30\r\nX-A:  1 \r\nx-a: 2\r\n\r\n", method: "HEAD")
        #expect(answer.isDone && answer.body.isEmpty && answer.announced == 30)
        #expect(answer.header("x-a") == ["1", "2"])
        #expect(answer.version == 1.1)
    }

    @Test(arguments: [
        "", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ])
    func damagedAnswers(_ text: String) {
        for pieces in [1, 3, 1000] {
            #expect(throws: ProbeFailure.self) { try parse(text, pieces: pieces) }
        }
    }

    /// Any prefix and any changed byte ends in an answer or a failure.
    @Test func nothingCrashes() {
        let text =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        let bytes = Array(text.utf8)
        for index in bytes.indices {
            for change: UInt8 in [0, 10, 13, 48, 58, 255] {
                var damaged = bytes
                damaged[index] = change
                var parser = ResponseParser(method: "GET", keepsBody: true)
                do {
                    try parser.take(damaged)
                    try parser.end()
                } catch {}
            }
            var cut = ResponseParser(method: "GET", keepsBody: true)
            do {
                try cut.take(Array(bytes[..<index]))
                try cut.end()
                Issue.record("an answer cut off at \(index) was taken for whole")
            } catch {}
        }
    }

    @Test func endlessHeadersEnd() {
        var parser = ResponseParser(method: "GET", keepsBody: false)
        #expect(throws: ProbeFailure.self) {
            for _ in 0..<100 { try parser.take([UInt8](repeating: 65, count: 1024)) }
        }
    }
}
