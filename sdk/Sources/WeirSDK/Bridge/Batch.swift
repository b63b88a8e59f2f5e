import CWeir
public import WeirTelemetry

/// Telemetry in flight: one OTLP export request as protobuf bytes. It never changes.
///
/// The bytes lie in one or more parts. Each part is a complete request of its own, and the batch is
/// their concatenation. They are well-formed and their strings are UTF-8; the order of fields is
/// not given. A `Batch` keeps its bytes alive and gives them back when it is released, so let go of
/// all batches before `stop` returns.
@safe public final class Batch: @unchecked Sendable {
    // Sendable: the host's batch is immutable, and retained and released on any thread.
    let raw: UnsafePointer<weir_batch>
    private let host: Host
    public let signal: Signal
    /// Spans, data points or log records.
    public let items: Int
    /// The size of all parts.
    public let byteCount: Int
    public let partCount: Int
    /// This component has emitted these very bytes before, as they came, and `emit` threw `retry`: some
    /// of those who follow have them. If it would make another batch of them, it is to emit them as they
    /// are instead, and to throw what `emit` throws: or those who have them get them twice.
    public let comesAgain: Bool

    /// Takes over a batch that the caller owns.
    init(adopting raw: UnsafePointer<weir_batch>, _ signal: Signal, _ host: Host) {
        unsafe self.raw = raw
        self.host = host
        self.signal = signal
        items = unsafe Int(clamping: raw.pointee.items)
        byteCount = unsafe Int(clamping: raw.pointee.bytes)
        partCount = unsafe Int(raw.pointee.part_count)
        comesAgain = unsafe raw.pointee.flags & UInt32(WEIR_BATCH_COMES_AGAIN) != 0
    }

    /// Retains a batch that was lent.
    convenience init(
        retaining raw: UnsafePointer<weir_batch>, _ host: Host
    ) throws(ComponentError) {
        guard let signal = unsafe Signal(rawValue: raw.pointee.signal) else {
            throw unsafe .unsupported(
                "a batch of signal \(raw.pointee.signal); this plugin knows traces, metrics, logs")
        }
        unsafe host.table.pointee.batch_retain(host.table, raw)
        unsafe self.init(adopting: raw, signal, host)
    }

    deinit {
        unsafe host.table.pointee.batch_release(host.table, raw)
    }

    /// The bytes of one part, borrowed from this batch.
    @_lifetime(borrow self)
    public func part(_ index: Int) -> RawSpan {
        precondition(index >= 0 && index < partCount, "no such part")
        let bytes = unsafe raw.pointee.parts[index].bytes
        return unsafe _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self)
    }

    func slice(_ index: Int) -> weir_slice {
        precondition(index >= 0 && index < partCount, "no such part")
        return unsafe raw.pointee.parts[index]
    }

    /// All bytes in one array: a copy, for those who cannot do without.
    public func copyBytes() -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(byteCount)
        for index in 0..<partCount { unsafe copy.append(contentsOf: slice(index).bytes) }
        return copy
    }
}
