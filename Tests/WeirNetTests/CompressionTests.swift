import NIOCore
import Testing

@testable import WeirNet

@Suite struct CompressionTests {
    private static let packed: [ContentEncoding] = [.gzip, .zstd, .deflate, .zlib, .snappy]
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
        // A repetition of 64 bytes takes 3 in snappy, and nothing packs it further.
        #expect(body.readableBytes < text.readableBytes / (encoding == .snappy ? 20 : 50))
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
        #expect(bomb.readableBytes < 4 << 20)
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

    /// The block's first bytes are its length, a varint of 32 bits.
    @Test(arguments: [
        ([], DecompressionError.corrupt(.snappy)),
        ([0x80], .corrupt(.snappy)),
        ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], .corrupt(.snappy)),
        // 4 GiB less one are promised, and nothing else is there.
        ([0xFF, 0xFF, 0xFF, 0xFF, 0x0F], .overLimit(1 << 20)),
        ([0x81, 0x80, 0x40], .overLimit(1 << 20)),
        // 1 MiB is within the limit, and more than these bytes can ever become.
        ([0x80, 0x80, 0x40, 0xFE, 0x01, 0x00], .corrupt(.snappy)),
        // A copy from before the beginning.
        ([0x04, 0x00, 0x61, 0x09, 0x05], .corrupt(.snappy)),
        // Three bytes are promised and two are there; two are promised and three are there.
        ([0x03, 0x04, 0x61, 0x62], .corrupt(.snappy)),
        ([0x02, 0x08, 0x61, 0x62, 0x63], .corrupt(.snappy)),
        // The framed format is not the block format.
        ([0xFF, 0x06, 0x00, 0x00, 0x73, 0x4E, 0x61, 0x50, 0x70, 0x59], .corrupt(.snappy)),
    ])
    func snappyBlocksThatAreNone(block: [UInt8], expected: DecompressionError) {
        let input = ByteBuffer(bytes: block)
        #expect(
            error { _ = try Decompressor().decompress(input, encoding: .snappy, limit: 1 << 20) }
                == expected)
    }

    /// From the description of the format: "abc", then a copy of 9 bytes from 3 back.
    @Test func snappyBlocksOfTheFormatsDescription() throws {
        let block: [UInt8] = [0x0C, 0x08, 0x61, 0x62, 0x63, 0x15, 0x03]
        let input = ByteBuffer(bytes: block)
        let back = try Decompressor().decompress(input, encoding: .snappy, limit: 12)
        #expect(String(buffer: back) == "abcabcabcabc")
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
        #expect(ContentEncoding(header: "Snappy") == .snappy)
        #expect(ContentEncoding(grpcHeader: "snappy") == nil)
        #expect(ContentEncoding(grpcHeader: header) == expected)
    }
}
