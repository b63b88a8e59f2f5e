import NIOCore
import Testing

@testable import WeirNet

@Suite struct AnswerPackingTests {
    @Test(arguments: [
        ("gzip", true), ("deflate, gzip;q=0.5", true), ("GZIP", true), ("x-gzip", true),
        ("gzip;q=0", false), ("gzip; q=0.0", false), ("", false), ("zstd,br", false),
        ("identity;q=1, gzip;q=nonsense", false), ("*", false),
    ])
    func acceptEncoding(field: String, accepts: Bool) {
        #expect(acceptsGzip(field) == accepts)
    }

    @Test func largeAnswersArePackedForThoseWhoTakeIt() throws {
        let fixture = try ServerFixture()
        defer { try? fixture.stop() }
        let body = String(repeating: "weir and water, ", count: 1000)
        for version in ["--http1.1", "--http2-prior-knowledge"] {
            func bytes(_ field: String, _ body: String) throws -> String {
                try run(
                    "curl", "-s", version, "-o", "/dev/null", "-w", "%{size_download}", "-d", body,
                    "-H", field, "http://127.0.0.1:\(fixture.port)/"
                ).out
            }
            #expect(try bytes("accept-encoding: identity", body) == "16000")
            let packed = try #require(Int(try bytes("accept-encoding: gzip", body)))
            #expect(packed > 20 && packed < 1000)
            #expect(try bytes("accept-encoding: gzip", "short") == "5")
            let whole = try run(
                "curl", "-s", version, "--compressed", "-d", body,
                "http://127.0.0.1:\(fixture.port)/")
            #expect(whole.out == body)
        }
    }
}
