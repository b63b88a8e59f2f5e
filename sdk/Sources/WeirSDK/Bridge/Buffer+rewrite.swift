import CWeir
public import WeirTelemetry

extension Host {
    /// A buffer with the changed request: one allocation of the exact size, one pass of copying.
    public func makeBuffer(
        _ rewrite: Rewrite, of original: RawSpan
    ) throws(ComponentError) -> Buffer {
        var buffer = try makeBuffer(length: rewrite.byteCount)
        buffer.withBytes { bytes in
            unsafe bytes.withUnsafeMutableBytes { unsafe rewrite.write(original, into: $0) }
        }
        return buffer.freeze()
    }

    /// A buffer with one piece of a request that was taken apart, likewise.
    public func makeBuffer(
        _ piece: PartitionPiece, of original: RawSpan
    ) throws(ComponentError) -> Buffer {
        var buffer = try makeBuffer(length: piece.byteCount)
        buffer.withBytes { bytes in
            unsafe bytes.withUnsafeMutableBytes { unsafe piece.write(original, into: $0) }
        }
        return buffer.freeze()
    }
}

extension MutableBuffer {
    fileprivate mutating func withBytes(_ body: (inout MutableRawSpan) -> Void) {
        var span = bytes
        body(&span)
    }
}
