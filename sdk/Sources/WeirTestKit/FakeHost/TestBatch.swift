import CWeir
public import WeirSDK
public import WeirTelemetry

/// A batch that a test gives to a component; gives its memory back when it is released.
@safe public final class TestBatch: @unchecked Sendable {  // Sendable: the batch is immutable
    let raw: UnsafePointer<weir_batch>
    private let host: FakeHost
    public let signal: Signal
    public let items: Int

    init(_ raw: UnsafePointer<weir_batch>, _ signal: Signal, _ host: FakeHost) {
        unsafe self.raw = raw
        self.host = host
        self.signal = signal
        items = unsafe Int(raw.pointee.items)
    }

    deinit { unsafe host.memory.release(UInt(bitPattern: raw)) }
}

extension FakeHost {
    /// A batch of one part from OTLP bytes; checked and counted, as a receiver's are.
    public func batch(_ signal: Signal, _ bytes: [UInt8]) throws(ComponentError) -> TestBatch {
        try batch(signal, parts: [bytes])
    }

    /// A batch of several parts, each a complete request.
    ///
    /// - Parameter comesAgain: the component is told that it has passed it on before.
    public func batch(
        _ signal: Signal, parts: [[UInt8]], comesAgain: Bool = false
    ) throws(ComponentError) -> TestBatch {
        var buffers = unsafe [UnsafePointer<weir_buffer>?]()
        defer {
            for index in unsafe buffers.indices {
                unsafe memory.release(UInt(bitPattern: buffers[index]!))
            }
        }
        var slices = unsafe [weir_slice]()
        for part in parts {
            guard let buffer = unsafe memory.makeBuffer(part.count) else {
                throw .retry("the test's memory limit is reached")
            }
            unsafe part.withUnsafeBytes { bytes in
                unsafe UnsafeMutableRawBufferPointer(
                    start: buffer.pointee.data, count: part.count
                ).copyMemory(from: bytes)
            }
            unsafe buffers.append(UnsafePointer(buffer))
            unsafe slices.append(weir_slice(data: buffer.pointee.data, length: part.count))
        }
        let result: Result<UnsafePointer<weir_batch>, ComponentError> =
            unsafe slices.withUnsafeBufferPointer { slices in
                unsafe buffers.withUnsafeBufferPointer { buffers in
                    let spec = unsafe weir_batch_spec(
                        size: UInt32(MemoryLayout<weir_batch_spec>.size), signal: signal.rawValue,
                        items: UInt64.max, parts: slices.baseAddress,
                        part_count: UInt32(slices.count), source_count: 0, sources: nil,
                        buffers: buffers.baseAddress, buffer_count: UInt32(buffers.count),
                        reserved: 0)
                    do throws(ComponentError) {
                        return unsafe .success(try memory.makeBatch(spec))
                    } catch {
                        return unsafe .failure(error)
                    }
                }
            }
        let made = try unsafe result.get()
        if comesAgain {
            let flags = UInt32(WEIR_BATCH_COMES_AGAIN)
            unsafe UnsafeMutablePointer(mutating: made).pointee.flags = flags
        }
        memory.markTest(UInt(bitPattern: made))
        return unsafe TestBatch(made, signal, self)
    }
}
