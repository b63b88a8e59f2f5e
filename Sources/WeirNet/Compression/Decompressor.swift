import CDeflate
import CSnappy
import CZstd
import NIOCore

/// Unpacks whole bodies, never beyond a limit; one per event loop, since the contexts are costly.
///
/// `unsafe` here: three C libraries over the bytes of a `ByteBuffer`.
@safe final class Decompressor {
    /// What one step may add before it has proved that it needs it.
    private static let firstReservation = 1 << 16
    /// A frame may ask for a window of 8 MiB, as RFC 8878 recommends to accept.
    private static let zstdWindowLog: Int32 = 23
    /// No deflate stream expands more than this.
    private static let deflateRatio = 1032
    /// Nor does a snappy block: three bytes say at most to repeat 64.
    private static let snappyRatio = 22

    private var deflate: OpaquePointer?
    private var zstd: OpaquePointer?

    deinit {
        unsafe libdeflate_free_decompressor(deflate)
        unsafe ZSTD_freeDCtx(zstd)
    }

    func decompress(
        _ input: ByteBuffer, encoding: ContentEncoding, limit: Int
    ) throws(DecompressionError) -> ByteBuffer {
        switch encoding {
        case .identity:
            if input.readableBytes > limit { throw .overLimit(limit) }
            return input
        case .gzip, .deflate, .zlib: return try inflate(input, encoding, limit)
        case .zstd: return try unpackZstd(input, limit)
        case .snappy: return try unpackSnappy(input, limit)
        }
    }

    private func inflate(
        _ input: ByteBuffer, _ encoding: ContentEncoding, _ limit: Int
    ) throws(DecompressionError) -> ByteBuffer {
        if unsafe deflate == nil { unsafe deflate = libdeflate_alloc_decompressor() }
        var rest = input
        var output = ByteBuffer()
        var isBare = false
        // A gzip body is one or more members, one after the other.
        repeat {
            var room = Self.firstGuess(rest, encoding)
            member: while true {
                let space = min(room, limit - output.readableBytes)
                var used = 0
                var produced = 0
                output.reserveCapacity(minimumWritableBytes: max(space, 1))
                let result = unsafe output.withUnsafeMutableWritableBytes { out in
                    unsafe rest.withUnsafeReadableBytes { bytes in
                        switch (encoding, isBare) {
                        case (.gzip, _):
                            return unsafe libdeflate_gzip_decompress_ex(
                                deflate, bytes.baseAddress, bytes.count, out.baseAddress, space,
                                &used, &produced)
                        case (_, false):
                            return unsafe libdeflate_zlib_decompress_ex(
                                deflate, bytes.baseAddress, bytes.count, out.baseAddress, space,
                                &used, &produced)
                        case (_, true):
                            return unsafe libdeflate_deflate_decompress_ex(
                                deflate, bytes.baseAddress, bytes.count, out.baseAddress, space,
                                &used, &produced)
                        }
                    }
                }
                if result == LIBDEFLATE_SUCCESS {
                    output.moveWriterIndex(forwardBy: produced)
                    rest.moveReaderIndex(forwardBy: used)
                    break member
                }
                if result == LIBDEFLATE_INSUFFICIENT_SPACE {
                    if output.readableBytes + space >= limit { throw .overLimit(limit) }
                    room = space * 4
                    continue member
                }
                // Some clients send bare deflate under the name of the zlib format.
                if encoding != .gzip, !isBare, output.readableBytes == 0 {
                    isBare = true
                    continue member
                }
                throw .corrupt(encoding)
            }
        } while encoding == .gzip && rest.readableBytes > 0
        if rest.readableBytes > 0 { throw .corrupt(encoding) }
        return output
    }

    /// The last four bytes of a gzip body tell the size of its last member; a lie costs one retry.
    private static func firstGuess(_ input: ByteBuffer, _ encoding: ContentEncoding) -> Int {
        let most = input.readableBytes * deflateRatio
        var guess = input.readableBytes * 8
        if encoding == .gzip, input.readableBytes >= 18,
            let claimed: UInt32 = input.getInteger(at: input.writerIndex - 4, endianness: .little)
        {
            guess = Int(claimed)
        }
        return max(firstReservation, min(guess, most, 1 << 22))
    }

    /// A block begins with its unpacked length, which is looked at before anything is allocated.
    private func unpackSnappy(
        _ input: ByteBuffer, _ limit: Int
    ) throws(DecompressionError) -> ByteBuffer {
        var claimed = 0
        let isBlock = unsafe input.withUnsafeReadableBytes { bytes in
            unsafe snappy_uncompressed_length(Compressor.text(bytes), bytes.count, &claimed)
                == SNAPPY_OK
        }
        guard isBlock else { throw .corrupt(.snappy) }
        if claimed > limit { throw .overLimit(limit) }
        guard claimed <= input.readableBytes * Self.snappyRatio else { throw .corrupt(.snappy) }
        var output = ByteBufferAllocator().buffer(capacity: max(claimed, 1))
        let isWhole = unsafe output.withUnsafeMutableWritableBytes { out in
            unsafe input.withUnsafeReadableBytes { bytes in
                var length = out.count
                let status = unsafe snappy_uncompress(
                    Compressor.text(bytes), bytes.count,
                    out.baseAddress!.assumingMemoryBound(to: CChar.self), &length)
                return status == SNAPPY_OK && length == claimed
            }
        }
        guard isWhole else { throw .corrupt(.snappy) }
        output.moveWriterIndex(forwardBy: claimed)
        return output
    }

    private func unpackZstd(
        _ input: ByteBuffer, _ limit: Int
    ) throws(DecompressionError) -> ByteBuffer {
        if unsafe zstd == nil {
            unsafe zstd = ZSTD_createDCtx()
            _ = unsafe ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, Self.zstdWindowLog)
        }
        _ = unsafe ZSTD_DCtx_reset(zstd, ZSTD_reset_session_only)
        guard input.readableBytes > 0 else { throw .corrupt(.zstd) }
        var output = ByteBuffer()
        let claimed = unsafe input.withUnsafeReadableBytes {
            unsafe ZSTD_getFrameContentSize($0.baseAddress, $0.count)
        }
        var room = Self.firstReservation
        if claimed < UInt64(limit) { room = max(1, min(Int(claimed), 1 << 22)) }
        var used = 0
        while true {
            let space = min(room, limit - output.readableBytes)
            // One byte over the limit is enough to know that there is more.
            output.reserveCapacity(minimumWritableBytes: space + 1)
            var produced = 0
            var hint = 0
            unsafe output.withUnsafeMutableWritableBytes { out in
                unsafe input.withUnsafeReadableBytes { bytes in
                    var source = unsafe ZSTD_inBuffer(
                        src: bytes.baseAddress, size: bytes.count, pos: used)
                    var target = unsafe ZSTD_outBuffer(
                        dst: out.baseAddress, size: space + 1, pos: 0)
                    repeat {
                        hint = unsafe ZSTD_decompressStream(zstd, &target, &source)
                    } while unsafe ZSTD_isError(hint) == 0 && source.pos < source.size
                        && target.pos < target.size
                    used = unsafe source.pos
                    produced = unsafe target.pos
                }
            }
            if ZSTD_isError(hint) != 0 { throw .corrupt(.zstd) }
            output.moveWriterIndex(forwardBy: produced)
            if output.readableBytes > limit { throw .overLimit(limit) }
            if used == input.readableBytes && produced <= space {
                // Zero says that the last frame is complete and flushed.
                if hint == 0 { return output }
                throw .corrupt(.zstd)
            }
            room = max(Self.firstReservation, output.readableBytes)
        }
    }
}
