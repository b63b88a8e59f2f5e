import CWeir
import Synchronization
public import WeirSDK

/// The host's side of one delivery; lives until it is settled.
@safe final class FakeDelivery: @unchecked Sendable {  // Sendable: constants, and a lock
    private enum State { case open, settled(Outcome) }

    let raw: UnsafeMutablePointer<weir_delivery>
    private let batch: TestBatch
    private let state = Mutex(State.open)

    init(_ batch: TestBatch, _ attempt: Int, _ deadline: Deadline) {
        self.batch = batch
        unsafe raw = .allocate(capacity: 1)
        unsafe raw.initialize(
            to: weir_delivery(
                size: UInt32(MemoryLayout<weir_delivery>.size), attempt: UInt32(attempt),
                deadline: deadline.monotonicNanoseconds, token: nil))
        unsafe raw.pointee.token = Unmanaged.passRetained(self).toOpaque()
    }

    deinit { unsafe raw.deallocate() }

    static func of(_ raw: UnsafePointer<weir_delivery>) -> FakeDelivery {
        unsafe Unmanaged<FakeDelivery>.fromOpaque(raw.pointee.token).takeUnretainedValue()
    }

    var outcome: Outcome? {
        state.withLock { if case .settled(let outcome) = $0 { outcome } else { nil } }
    }

    /// deliver() returned.
    func returned(
        _ status: weir_status, _ error: UnsafePointer<weir_error>, _ host: FakeHost
    ) {
        if status != Status.pending { unsafe finish(status, error, host) }
    }

    /// settle() was called.
    func settle(_ outcome: UnsafePointer<weir_error>, _ host: FakeHost) {
        unsafe finish(outcome.pointee.status, outcome, host)
    }

    private func finish(
        _ status: weir_status, _ error: UnsafePointer<weir_error>, _ host: FakeHost
    ) {
        let failure = unsafe ComponentError(status, error)
        let rejected = unsafe Int(error.pointee.rejected_items)
        let outcome =
            status == Status.ok
            ? Outcome.delivered(rejected: rejected, message: failure.message) : Outcome(failure)
        let isFirst = state.withLock { state in
            if case .settled = state { return false }
            state = .settled(outcome)
            return true
        }
        if !isFirst { return host.violation("a delivery was settled twice") }
        unsafe Unmanaged.passUnretained(self).release()
    }
}

/// One attempt to deliver, as a test sees it.
public struct TestDelivery: Sendable {
    private let delivery: FakeDelivery

    init(_ delivery: FakeDelivery) { self.delivery = delivery }

    /// How it ended; `nil` while it is pending.
    public var outcome: Outcome? { delivery.outcome }
}
