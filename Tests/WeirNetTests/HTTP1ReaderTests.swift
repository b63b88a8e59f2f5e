import NIOCore
import Testing

@testable import WeirNet

/// HTTP/1.1 requests are told apart byte for byte, however they are cut into reads.
struct HTTP1ReaderTests {
    /// What a reader made of some input: heads, bodies and ends, or why it stopped.
    private func read(_ pieces: [String], limit: Int = 1024) -> String {
        var reader = HTTP1RequestReader(maxHeaderBytes: limit)
        var result = ""
        var body = ""
        do throws(HTTP1Violation) {
            for piece in pieces {
                reader.append(ByteBuffer(string: piece))
                while let part = try reader.next() {
                    switch part {
                    case .head(let head):
                        result += "\(head.method) \(head.target) 1.\(head.minorVersion)"
                        head.fields.forEach { name, value in result += " \(name)=[\(value)]" }
                    case .body(let bytes): body += String(buffer: bytes)
                    case .end:
                        result += " <\(body)>\n"
                        body = ""
                    }
                }
            }
        } catch {
            result += error.isTooLong ? "too long" : "! \(error.message)"
        }
        return result
    }

    private static let stream =
        "\r\nPOST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
        + "POST /b HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\nA \r\n0123456789\r\n"
        + "0\r\nTrailer: t\r\n\r\n"
        + "GET /c HTTP/1.0\r\nconnection: Keep-Alive, x\r\nempty:\r\nspaced: \t a b \t\r\n\r\n"
        + "GET /d HTTP/1.1\r\nconnection: close\r\n\r\nGET /ignored HTTP/1.1\r\n\r\n"
    private static let expected = """
        POST /a?b=c 1.1 Host=[x] Content-Length=[5] <hello>
        POST /b 1.1 transfer-encoding=[Chunked] <abc0123456789>
        GET /c 1.0 connection=[Keep-Alive, x] empty=[] spaced=[a b] <>
        GET /d 1.1 connection=[close] <>

        """

    @Test func readsARequestAfterAnother() { #expect(read([Self.stream]) == Self.expected) }

    @Test func cutAnywhereItReadsTheSame() {
        let bytes = Array(Self.stream.utf8)
        for cut in 1..<bytes.count {
            let pieces = [bytes[..<cut], bytes[cut...]].map { String(decoding: $0, as: UTF8.self) }
            #expect(read(pieces) == Self.expected, "cut at \(cut)")
        }
        #expect(read(bytes.map { String(UnicodeScalar($0)) }) == Self.expected)
    }

    /// The same header over and over, with lengths of as many digits and of others.
    private static let repeated =
        ["hello", "again", "", "123456789", "0123456789", "ten bytes!"]
        .map {
            "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Length: \($0.utf8.count)\r\nA: b\r\n\r\n\($0)"
        }
        .joined() + String(repeating: "GET /x HTTP/1.1\r\nb: c\r\n\r\n", count: 3)

    @Test func aHeaderThatIsKnownIsReadAsBefore() {
        func fields(_ length: Int) -> String { "Host=[x] Content-Length=[\(length)] A=[b]" }
        let expected =
            ["hello", "again", "", "123456789", "0123456789", "ten bytes!"].map {
                "POST /v1/traces 1.1 \(fields($0.utf8.count)) <\($0)>\n"
            }.joined() + String(repeating: "GET /x 1.1 b=[c] <>\n", count: 3)
        #expect(read([Self.repeated]) == expected)
        #expect(read(Self.repeated.map { String($0) }) == expected)
    }

    /// What only looks like a known header is not taken for it.
    @Test(arguments: [
        ("5", "+5", "'+5' is not a number"), ("15", " 5", "[5]"), ("15", "5 ", "[5]"),
        ("15", "0x", "'0x' is not a number"), ("15", "1\r", "control character"),
        ("5", "\u{85}", "is not a number"), ("15", "05", "[05]"),
    ])
    func aLengthThatIsNoneIsSeenAfterOneThatIs(_ good: String, _ other: String, _ found: String) {
        func header(_ length: String) -> String {
            "POST / HTTP/1.1\r\ncontent-length: \(length)\r\n\r\n"
        }
        let body = String(repeating: "x", count: Int(good) ?? 0)
        let text = read([header(good) + body, header(other) + "x"])
        #expect(text.contains(found), "\(text)")
        #expect(text == read((header(good) + body + header(other) + "x").map { String($0) }))
    }

    /// Damaged streams are refused or read, the same way whether they come whole or in bytes.
    @Test(arguments: [(stream, 3000), (repeated, 300)])
    func damageIsSeenAlikeHoweverItIsCut(_ stream: String, _ rounds: Int) {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("\r\n :;,0 9aGT/\u{0}\u{7f}".utf8)
        for _ in 0..<rounds {
            var bytes = Array(stream.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[at] = alphabet.randomElement(using: &random)!
                case 1: bytes.insert(alphabet.randomElement(using: &random)!, at: at)
                default: bytes.remove(at: at)
                }
            }
            let whole = read([String(decoding: bytes, as: UTF8.self)])
            let single = read(bytes.map { String(UnicodeScalar($0)) })
            #expect(whole == single, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
    }

    /// Each of these has been used to make two servers disagree, or is a limit.
    @Test(arguments: [
        ("GET / HTTP/1.1\nhost: a\n\n", "LF alone"),
        ("GET / HTTP/1.1\r\nhost: a\n\r\n", "LF alone"),
        ("GET / HTTP/2.0\r\n\r\n", "HTTP/1.1 or HTTP/1.0"),
        ("GET / HTTP/1.2\r\n\r\n", "HTTP/1.1 or HTTP/1.0"),
        ("GET / HTTP/1.1 \r\n\r\n", "HTTP/1.1 or HTTP/1.0"),
        ("GET / HTT", ""),
        ("GET /\r\n\r\n", "no target"),
        ("GET  / HTTP/1.1\r\n\r\n", "no target"),
        ("GET /\u{1} HTTP/1.1\r\n\r\n", "control character"),
        (" GET / HTTP/1.1\r\n\r\n", "a method"),
        ("G(T / HTTP/1.1\r\n\r\n", "a method"),
        ("GET / HTTP/1.1\r\nhost : a\r\n\r\n", "colon"),
        ("GET / HTTP/1.1\r\n: a\r\n\r\n", "colon"),
        ("GET / HTTP/1.1\r\nhost: a\r\n folded\r\n\r\n", "field 2 has no name"),
        ("GET / HTTP/1.1\r\nhost: a\u{0}b\r\n\r\n", "control character"),
        ("GET / HTTP/1.1\r\nhost: a\rb\r\n\r\n", "control character"),
        ("POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\nx", "2 content-length"),
        ("POST / HTTP/1.1\r\ncontent-length: +1\r\n\r\nx", "'+1' is not a number"),
        ("POST / HTTP/1.1\r\ncontent-length: 0x1\r\n\r\nx", "'0x1' is not a number"),
        ("POST / HTTP/1.1\r\ncontent-length: 1, 1\r\n\r\nx", "is not a number"),
        ("POST / HTTP/1.1\r\ncontent-length: 99999999999999999999\r\n\r\nx", "is not a number"),
        (
            "POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\nx",
            "not certain"
        ),
        ("POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n", "not certain"),
        (
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ntransfer-encoding: x\r\n\r\n",
            "not certain"
        ),
        ("POST / HTTP/1.1\r\ntransfer-encoding: gzip, chunked\r\n\r\n", "only chunked"),
        ("POST / HTTP/1.1\r\ntransfer-encoding: xchunked\r\n\r\n", "only chunked"),
        ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nz\r\n", "hexadecimal"),
        ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n 1\r\nx", "hexadecimal"),
        ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1 x\r\nx", "hexadecimal"),
        (
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nxy\r\n",
            "longer than its size"
        ),
        ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\nx", "LF alone"),
        (
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1111111111111111\r\n",
            "over 15 digits"
        ),
        (
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1;"
                + String(repeating: "e", count: 1100), "longer than 1024"
        ),
    ])
    func refuses(_ request: String, _ reason: String) {
        let found = read([request])
        #expect(reason.isEmpty ? found.isEmpty : found.contains("! "))
        #expect(found.contains(reason) || reason.isEmpty, "\(found)")
    }

    @Test func aHeaderHasALimit() {
        let line = "x: \(String(repeating: "y", count: 60))\r\n"
        let many = "GET / HTTP/1.1\r\n" + String(repeating: line, count: 20)
        #expect(read([many]) == "too long")
        #expect(read(["GET /" + String(repeating: "y", count: 2000)]) == "too long")
        let trailers = String(repeating: line, count: 20)
        #expect(
            read(["POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n" + trailers])
                .hasSuffix("too long"))
    }

    @Test func namesAreFoundWhateverTheirCase() throws {
        var reader = HTTP1RequestReader(maxHeaderBytes: 1024)
        reader.append(
            ByteBuffer(string: "GET / HTTP/1.1\r\nX-One: 1\r\nx-one: 2\r\nX-Two:\r\n\r\n"))
        guard case .head(let head) = try reader.next() else {
            Issue.record("no header was read")
            return
        }
        #expect(head.fields.first("x-ONE") == "1")
        #expect(head.fields.all("x-one") == ["1", "2"])
        #expect(head.fields.first("x-two") == "")
        #expect(head.fields.first("x-three") == nil)
    }

    /// A body that fills what was read by half is not copied; a small one gets storage of its own.
    @Test func largeBodiesAreNotCopied() {
        func request(_ length: Int) -> HTTP1ServerRequest {
            HTTP1ServerRequest(
                id: 1,
                head: RequestHead(
                    method: "POST", path: "/", headers: MessageHeaders(HTTP1Fields(ByteBuffer())),
                    isGRPC: false, peerDescription: ""), encoding: .identity,
                declaredBytes: length, isHead: false, isHTTP10: false, keepsAlive: true)
        }
        var input = ByteBuffer(repeating: 1, count: 1000)
        let capacity = input.storageCapacity
        let large = request(900)
        large.append(input.readSlice(length: 900)!)
        #expect(large.body.storageCapacity == capacity)
        let small = request(100)
        small.append(input.readSlice(length: 100)!)
        #expect(small.body.storageCapacity < capacity)
        #expect(small.body.readableBytes == 100)
    }
}
