import CWeir
import Synchronization
import WeirSDK
import WeirTelemetry

/// The functions of the fake host's C table.
enum HostTable {
    static func make() -> weir_host {
        unsafe weir_host(
            size: UInt32(MemoryLayout<weir_host>.size), epoch: UInt32(WEIR_ABI_EPOCH),
            minor: UInt32(WEIR_ABI_MINOR), reserved: 0, context: nil,
            log: { host, level, message in
                let line = unsafe LogLine(
                    level: LogLevel(rawValue: level) ?? .error, message: message.string)
                unsafe FakeHost.of(host).record.withLock { $0.logs.append(line) }
            },
            log_enabled: { _, _ in true },
            unix_nano: { unsafe FakeHost.of($0).now },
            monotonic_nano: { unsafe FakeHost.of($0).monotonic },
            is_cancelled: { unsafe FakeHost.of($0).record.withLock { $0.isCancelled } },
            emit: { host, batch, error in unsafe FakeHost.of(host).emit(batch!, error!) },
            drop: { host, signal, items, reason in
                let host = unsafe FakeHost.of(host)
                host.checkAllowed("drop")
                let reason = unsafe reason.string
                guard let signal = Signal(rawValue: signal) else {
                    return host.violation("drop() of signal \(signal)")
                }
                if reason.isEmpty { host.violation("drop() without a reason") }
                host.record.withLock {
                    $0.dropped.append(
                        DroppedItems(items: Int(items), signal: signal, reason: reason))
                }
            },
            settle: { host, delivery, outcome in
                unsafe FakeDelivery.of(delivery!).settle(outcome!, FakeHost.of(host))
            },
            buffer_make: { host, length in
                let host = unsafe FakeHost.of(host)
                host.checkAllowed("buffer_make")
                return unsafe host.memory.makeBuffer(length)
            },
            buffer_retain: { unsafe FakeHost.of($0).memory.retain($1!, $0!) },
            buffer_release: { unsafe FakeHost.of($0).memory.release($1!, $0!) },
            batch_make: { host, spec, error in
                let host = unsafe FakeHost.of(host)
                host.checkAllowed("batch_make")
                do throws(ComponentError) {
                    return try unsafe host.memory.makeBatch(spec!.pointee)
                } catch let failure {
                    _ = unsafe failure.write(to: error!)
                    return nil
                }
            },
            batch_retain: { unsafe FakeHost.of($0).memory.retain($1!, $0!) },
            batch_release: { unsafe FakeHost.of($0).memory.release($1!, $0!) },
            extension: { host, id in
                unsafe FakeHost.of(host).services.find(String(cString: id!))
            })
    }
}

extension FakeHost {
    fileprivate func emit(
        _ batch: UnsafePointer<weir_batch>, _ error: UnsafeMutablePointer<weir_error>
    ) -> weir_status {
        checkAllowed("emit")
        guard let copy = unsafe copy(of: batch) else { return Status.invalid }
        let answer = record.withLock { $0.answer }
        if let failure = answer?(copy) { return unsafe failure.write(to: error) }
        record.withLock { $0.emitted.append(copy) }
        return Status.ok
    }

    /// What a batch holds, checked: a component must not emit what is not well-formed.
    private func copy(of batch: UnsafePointer<weir_batch>) -> EmittedBatch? {
        guard let signal = unsafe Signal(rawValue: batch.pointee.signal) else {
            unsafe violation("emit() of signal \(batch.pointee.signal)")
            return nil
        }
        let slices = unsafe UnsafeBufferPointer(
            start: batch.pointee.parts, count: Int(batch.pointee.part_count))
        let parts = unsafe slices.map { unsafe Array($0.bytes) }
        let items = unsafe Int(batch.pointee.items)
        do throws(WireError) {
            var counted = 0
            for part in parts { counted += try scan(part, as: signal).items }
            if counted != items {
                violation("a batch says it has \(items) items and has \(counted)")
            }
        } catch {
            violation("a batch is not well-formed: \(error)")
        }
        return EmittedBatch(signal: signal, items: items, parts: parts, moment: monotonic)
    }
}
