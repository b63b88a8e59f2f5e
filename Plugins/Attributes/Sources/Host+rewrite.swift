import WeirSDK
import WeirTelemetry

extension Host {
    /// A buffer of exactly the size of the rewritten request, with it.
    func makeBuffer(
        writing rewrite: borrowing Rewrite, of original: RawSpan
    ) throws(ComponentError) -> Buffer {
        var buffer = try makeBuffer(length: rewrite.byteCount)
        var bytes = buffer.bytes
        unsafe bytes.withUnsafeMutableBytes { unsafe rewrite.write(original, into: $0) }
        return buffer.freeze()
    }
}
