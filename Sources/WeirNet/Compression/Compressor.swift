import CDeflate
import CSnappy
import CZstd
package import NIOCore

/// Packs bodies that come in parts; one per event loop.
///
/// `unsafe` here: three C libraries over the bytes of a `ByteBuffer`.
@safe final class Compressor {
    /// The fastest level: telemetry repeats itself, and higher levels gain little for their cost.
    private static let gzipLevel: Int32 = 1
    private static let zstdLevel: Int32 = 1

    private var deflate: OpaquePointer?
    private var zstd: OpaquePointer?

    deinit {
        unsafe libdeflate_free_compressor(deflate)
        unsafe ZSTD_freeCCtx(zstd)
    }

    func compress(_ parts: [ByteBuffer], encoding: ContentEncoding) -> ByteBuffer {
        switch encoding {
        case .zstd: return packZstd(parts)
        case .gzip, .deflate, .zlib: return pack(Self.joined(parts), encoding)
        case .snappy: return packSnappy(Self.joined(parts))
        case .identity: return Self.joined(parts)
        }
    }

    static func joined(_ parts: [ByteBuffer]) -> ByteBuffer {
        if parts.count == 1 { return parts[0] }
        var whole = ByteBufferAllocator().buffer(
            capacity: parts.reduce(0) { $0 + $1.readableBytes })
        for part in parts { whole.writeImmutableBuffer(part) }
        return whole
    }

    private func pack(_ input: ByteBuffer, _ encoding: ContentEncoding) -> ByteBuffer {
        if unsafe deflate == nil { unsafe deflate = libdeflate_alloc_compressor(Self.gzipLevel) }
        let bound =
            unsafe encoding == .gzip
            ? libdeflate_gzip_compress_bound(deflate, input.readableBytes)
            : libdeflate_zlib_compress_bound(deflate, input.readableBytes)
        var output = ByteBufferAllocator().buffer(capacity: bound)
        unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { out in
            unsafe input.withUnsafeReadableBytes { bytes in
                unsafe encoding == .gzip
                    ? libdeflate_gzip_compress(
                        deflate, bytes.baseAddress, bytes.count, out.baseAddress, out.count)
                    : libdeflate_zlib_compress(
                        deflate, bytes.baseAddress, bytes.count, out.baseAddress, out.count)
            }
        }
        return output
    }

    private func packSnappy(_ input: ByteBuffer) -> ByteBuffer {
        unsafe input.withUnsafeReadableBytes { unsafe packedWithSnappy($0) }
    }

    /// Bytes as C takes them; an empty buffer may have no address.
    static func text(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<CChar>? {
        unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    }

    private func packZstd(_ parts: [ByteBuffer]) -> ByteBuffer {
        if unsafe zstd == nil {
            unsafe zstd = ZSTD_createCCtx()
            _ = unsafe ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, Self.zstdLevel)
        }
        _ = unsafe ZSTD_CCtx_reset(zstd, ZSTD_reset_session_only)
        let total = parts.reduce(0) { $0 + $1.readableBytes }
        _ = unsafe ZSTD_CCtx_setPledgedSrcSize(zstd, UInt64(total))
        let bound = ZSTD_compressBound(total) + 64
        var output = ByteBufferAllocator().buffer(capacity: bound)
        unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { out in
            var target = unsafe ZSTD_outBuffer(dst: out.baseAddress, size: out.count, pos: 0)
            for part in parts {
                unsafe part.withUnsafeReadableBytes { bytes in
                    var source = unsafe ZSTD_inBuffer(
                        src: bytes.baseAddress, size: bytes.count, pos: 0)
                    while unsafe source.pos < source.size {
                        let left = unsafe ZSTD_compressStream2(
                            zstd, &target, &source, ZSTD_e_continue)
                        precondition(ZSTD_isError(left) == 0, "zstd failed on bytes in memory")
                    }
                }
            }
            var none = unsafe ZSTD_inBuffer(src: nil, size: 0, pos: 0)
            while true {
                let left = unsafe ZSTD_compressStream2(zstd, &target, &none, ZSTD_e_end)
                precondition(ZSTD_isError(left) == 0, "zstd failed on bytes in memory")
                if left == 0 { break }
            }
            return unsafe target.pos
        }
        return output
    }
}

/// Packs bytes that are lent, as snappy's block format. It needs no state, so a caller on any thread
/// can pack what it would otherwise have to copy.
package func packedWithSnappy(_ input: UnsafeRawBufferPointer) -> ByteBuffer {
    let bound = snappy_max_compressed_length(input.count)
    var output = ByteBufferAllocator().buffer(capacity: bound)
    unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { out in
        var length = out.count
        let status = unsafe snappy_compress(
            Compressor.text(input), input.count,
            out.baseAddress!.assumingMemoryBound(to: CChar.self), &length)
        precondition(status == SNAPPY_OK, "snappy failed on bytes in memory")
        return length
    }
    return output
}
