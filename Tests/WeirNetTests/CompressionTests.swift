import NIOCore
import Testing

@testable import WeirNet

@Suite struct CompressionTests {
    private static let packed: [ContentEncoding] = [.gzip, .zstd, .deflate, .zlib]
    private let text = ByteBuffer(string: String(repeating: "weir and water, ", count: 20_000))

    private func error(_ body: () throws -> Void) -> DecompressionError? {
        do {
            try body()
            return nil
        } catch {
            return error as? DecompressionError
        }
    }

    @Test(arguments: packed)
    func roundTripInParts(encoding: ContentEncoding) throws {
        var rest = text
        let parts = [rest.readSlice(length: 7)!, rest.readSlice(length: 100_000)!, rest]
        let body = Compressor().compress(parts, encoding: encoding)
        #expect(body.readableBytes < text.readableBytes / 50)
        let back = try Decompressor().decompress(body, encoding: encoding, limit: 1 << 20)
        #expect(back == text)
    }

    @Test(arguments: packed)
    func exactLimitAndOneLess(encoding: ContentEncoding) throws {
        let body = Compressor().compress([text], encoding: encoding)
        let size = text.readableBytes
        #expect(try Decompressor().decompress(body, encoding: encoding, limit: size) == text)
        #expect(
            error { _ = try Decompressor().decompress(body, encoding: encoding, limit: size - 1) }
                == .overLimit(size - 1))
    }

    @Test(arguments: packed)
    func bombStopsAtTheLimit(encoding: ContentEncoding) {
        let zeros = ByteBuffer(repeating: 0, count: 64 << 20)
        let bomb = Compressor().compress([zeros], encoding: encoding)
        #expect(bomb.readableBytes < 1 << 20)
        #expect(
            error { _ = try Decompressor().decompress(bomb, encoding: encoding, limit: 1 << 20) }
                == .overLimit(1 << 20))
    }

    @Test(arguments: [ContentEncoding.gzip, .zstd])
    func severalMembers(encoding: ContentEncoding) throws {
        var body = Compressor().compress([ByteBuffer(string: "one,")], encoding: encoding)
        body.writeImmutableBuffer(Compressor().compress([text], encoding: encoding))
        body.writeImmutableBuffer(
            Compressor().compress([ByteBuffer(string: "three")], encoding: encoding))
        let back = try Decompressor().decompress(body, encoding: encoding, limit: 1 << 20)
        #expect(back.readableBytes == text.readableBytes + 9)
        #expect(String(buffer: back).hasPrefix("one,weir"))
        #expect(String(buffer: back).hasSuffix("three"))
    }

    @Test(arguments: packed)
    func damage(encoding: ContentEncoding) {
        let body = Compressor().compress([text], encoding: encoding)
        let unpack = Decompressor()
        for cut in [1, 5, body.readableBytes / 2, body.readableBytes - 1] {
            let short = body.getSlice(at: 0, length: cut)!
            #expect(
                error { _ = try unpack.decompress(short, encoding: encoding, limit: 1 << 20) }
                    == .corrupt(encoding), "cut at \(cut)")
        }
        for junk in [ByteBuffer(), ByteBuffer(string: "this is no compressed body at all")] {
            #expect(
                error { _ = try unpack.decompress(junk, encoding: encoding, limit: 1 << 20) }
                    == .corrupt(encoding))
        }
        // The contexts still work after all that.
        #expect((try? unpack.decompress(body, encoding: encoding, limit: 1 << 20)) == text)
    }

    @Test func emptyBodyInside() throws {
        for encoding in Self.packed {
            let body = Compressor().compress([ByteBuffer()], encoding: encoding)
            let back = try Decompressor().decompress(body, encoding: encoding, limit: 10)
            #expect(back.readableBytes == 0)
        }
    }

    @Test(arguments: [
        ("gzip", ContentEncoding.gzip), ("GZIP", .gzip), ("x-gzip", .gzip), ("", .identity),
    ])
    func names(header: String, expected: ContentEncoding) {
        #expect(ContentEncoding(header: header) == expected)
        #expect(ContentEncoding(header: "br") == nil)
    }
}
