import NIOCore
import Testing

@testable import WeirNet

@Suite struct LeafTests {
    @Test(arguments: [
        ("0.0.0.0:4317", Endpoint.tcp(host: "0.0.0.0", port: 4317)),
        (":4317", .tcp(host: "0.0.0.0", port: 4317)),
        ("[::1]:0", .tcp(host: "::1", port: 0)),
        ("localhost:65535", .tcp(host: "localhost", port: 65535)),
        ("unix:/run/a.sock", .unix(path: "/run/a.sock")),
        ("unix:///run/a.sock", .unix(path: "/run/a.sock")),
    ])
    func endpoints(text: String, expected: Endpoint) throws {
        #expect(try Endpoint(parsing: text) == expected)
    }

    @Test(arguments: [
        "localhost", "::1:4317", "a:99999", "a:x", "unix:", "http://a:1", "[::1", "",
    ])
    func badEndpoints(text: String) {
        let error = #expect(throws: NetError.self) { try Endpoint(parsing: text) }
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains(text) == true)
    }

    @Test(arguments: [
        ("http://a:4318/x/", Endpoint.tcp(host: "a", port: 4318), Bool?.some(false), "/x"),
        ("https://a", .tcp(host: "a", port: 443), true, ""),
        ("a:4317", .tcp(host: "a", port: 4317), nil, ""),
        ("dns:///a:4317", .tcp(host: "a", port: 4317), nil, ""),
        ("http://[::1]:80", .tcp(host: "::1", port: 80), false, ""),
        ("unix:/a", .unix(path: "/a"), nil, ""),
    ])
    func urls(text: String, endpoint: Endpoint, tls: Bool?, prefix: String) throws {
        let url = try TargetURL(parsing: text)
        #expect(url.endpoint == endpoint)
        #expect(url.usesTLS == tls)
        #expect(url.pathPrefix == prefix)
    }

    @Test(arguments: ["ftp://a:1", "a", "http://u:p@a:1", "http://"])
    func badURLs(text: String) {
        #expect(throws: NetError.self) { try TargetURL(parsing: text) }
    }

    @Test func tokenBucketHoldsBackAndCounts() {
        var bucket = TokenBucket(capacity: 2, refillInterval: .seconds(10))
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        let taken = [0, 0, 0, 9, 10, 10].map { bucket.take(at: start + .seconds($0)) }
        #expect(taken == [0, 0, nil, nil, 2, nil])
    }

    @Test(arguments: [[], [0], [0, 255], [1, 2, 3], Array(0...255)] as [[UInt8]])
    func base64(bytes: [UInt8]) {
        let text = Base64.encode(bytes)
        #expect(!text.contains("="))
        #expect(Base64.decode(text) == bytes)
        #expect(Base64.decode(text + "==") == bytes)
    }

    @Test(arguments: [
        ("plain text", "plain text"), ("100%", "100%25"), ("naïve\n", "na%C3%AFve%0A"), ("", ""),
    ])
    func grpcMessage(text: String, encoded: String) {
        #expect(GRPCMessage.encode(text) == encoded)
        #expect(GRPCMessage.decode(encoded) == text)
    }

    @Test(arguments: ["%", "%4", "%zz", "a%"])
    func grpcMessageKeepsWhatIsNoEscape(text: String) {
        #expect(GRPCMessage.decode(text) == text)
    }

    @Test(arguments: [
        TimeAmount.milliseconds(1500), .seconds(0), .nanoseconds(1), .seconds(86400),
    ])
    func retryInfo(delay: TimeAmount) {
        let bytes = GRPCStatusDetails.encode(
            GRPCStatus(.unavailable, "later", retryDelay: delay))
        #expect(GRPCStatusDetails.retryDelay(in: bytes) == delay)
        for length in 0..<bytes.count {
            // Cut short anywhere, it must not trap.
            _ = GRPCStatusDetails.retryDelay(in: Array(bytes.prefix(length)))
        }
    }

    /// What protobuf's own compiler makes of code 14, message "x", RetryInfo of 2 s.
    @Test func retryInfoOnTheWire() {
        let any =
            [0x0A, 0x28] + Array("type.googleapis.com/google.rpc.RetryInfo".utf8)
            + [0x12, 0x04, 0x0A, 0x02, 0x08, 0x02]
        #expect(
            GRPCStatusDetails.encode(GRPCStatus(.unavailable, "x", retryDelay: .seconds(2)))
                == [0x08, 14, 0x12, 1, 0x78, 0x1A, UInt8(any.count)] + any)
    }

    @Test(arguments: [
        ("", FirstBytes.needsMore), ("P", .needsMore), ("PRI * HT", .needsMore),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .http2), ("POST /", .http1), ("GET ", .http1),
        ("M-SEARCH *", .http1), ("\r\nGET /", .http1), ("\u{16}\u{03}", .tls),
        ("\u{16}", .needsMore),
        ("\u{16}x", .garbage), ("\0\0", .garbage), ("get /", .garbage),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", .garbage), ("SSH-2.0-x", .garbage),
    ])
    func firstBytes(text: String, expected: FirstBytes) {
        #expect(FirstBytes.recognise(ByteBuffer(string: text)) == expected)
    }

    @Test(arguments: [
        (TimeAmount.seconds(5), "5000m"), (.nanoseconds(1), "1m"), (.hours(100), "360000S"),
    ])
    func grpcTimeout(amount: TimeAmount, text: String) {
        #expect(ClientFields.grpcTimeout(amount) == text)
    }

    @Test func floodGuardEarnsByTimeAndWork() {
        var flood = HTTP2FloodGuard(capacity: 10, perSecond: 5)
        let start = NIODeadline.uptimeNanoseconds(0)
        // Ten at once and the five of the first second.
        var passed = 0
        for _ in 0..<20 where flood.spend(now: start) { passed += 1 }
        #expect(passed == 15)
        flood.earn()
        for _ in 0..<10 { flood.earn() }
        let passesAgain = flood.spend(now: start)
        #expect(passesAgain)
    }

    @Test func grpcMessagesInPiecesOfAnySize() {
        let bytes: [UInt8] = [0, 0, 0, 0, 3, 1, 2, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9]
        for size in 1...bytes.count {
            var reader = GRPCMessageReader()
            var found: [String] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                var data = ByteBuffer(bytes: bytes[start..<min(bytes.count, start + size)])
                reading: while true {
                    switch reader.next(&data) {
                    case .needsMore: break reading
                    case .prefix: break
                    case .message(let flag, let body):
                        found.append("\(flag) \(Array(body.readableBytesView))")
                    case .malformed: Issue.record("malformed")
                    }
                }
            }
            #expect(found == ["false [1, 2, 3]", "true []", "false [9]"], "pieces of \(size)")
            #expect(reader.isBetweenMessages)
        }
    }
}
