import CWeir
import Synchronization
import WeirSDK
import WeirTelemetry

/// Buffers and batches of a fake host, counted, so that a leak or a double release is seen.
@safe final class FakeMemory: @unchecked Sendable {  // Sendable: all is behind one lock
    private struct Entry {
        var count = 1
        var bytes: Int
        /// Made by the test, which holds one reference.
        var isTest = false
        /// Buffers and batches that this one retains.
        var owners: [UInt] = []
        /// What to free: the struct, then what it points to.
        var blocks: [UInt]
        /// The ranges of memory that parts of others may lie in.
        var ranges: [Range<UInt>]
    }

    private struct State {
        var entries: [UInt: Entry] = [:]
        var limit = Int.max
        var held = 0
        var faults: [String] = []
    }

    private let state = Mutex(State())

    var heldBytes: Int { state.withLock { $0.held } }
    /// What a component has not given back.
    var leakCount: Int {
        state.withLock { state in
            state.entries.values.count { !$0.isTest || $0.count > 1 }
        }
    }
    var faults: [String] { state.withLock { $0.faults } }

    func limit(to bytes: Int) { state.withLock { $0.limit = bytes } }

    func makeBuffer(_ length: Int) -> UnsafeMutablePointer<weir_buffer>? {
        unsafe state.withLock { state -> UInt? in
            guard state.held + length <= state.limit else { return nil }
            state.held += length
            let data = UnsafeMutableRawPointer.allocate(byteCount: max(1, length), alignment: 16)
            // What a buffer holds at first is not said: make reading it show.
            unsafe data.initializeMemory(as: UInt8.self, repeating: 0xA5, count: max(1, length))
            let buffer = UnsafeMutablePointer<weir_buffer>.allocate(capacity: 1)
            unsafe buffer.initialize(
                to: weir_buffer(
                    size: UInt32(MemoryLayout<weir_buffer>.size), reserved: 0,
                    data: data.assumingMemoryBound(to: UInt8.self), length: length))
            let start = UInt(bitPattern: data)
            let address = UInt(bitPattern: buffer)
            state.entries[address] = Entry(
                bytes: length, blocks: [address, start],
                ranges: [start..<start + UInt(length)])
            return address
        }.map { unsafe UnsafeMutablePointer(bitPattern: $0)! }
    }

    func makeBatch(_ spec: weir_batch_spec) throws(ComponentError) -> UnsafePointer<weir_batch> {
        guard let signal = unsafe Signal(rawValue: spec.signal) else {
            throw unsafe .invalid("a batch of signal \(spec.signal)")
        }
        let slices = unsafe Array(
            UnsafeBufferPointer(start: spec.parts, count: Int(spec.part_count)))
        let sources = unsafe UnsafeBufferPointer(
            start: spec.sources, count: Int(spec.source_count))
        let buffers = unsafe UnsafeBufferPointer(
            start: spec.buffers, count: Int(spec.buffer_count))
        let owners =
            unsafe sources.map { unsafe UInt(bitPattern: $0!) }
            + buffers.map { unsafe UInt(bitPattern: $0!) }
        var items = unsafe spec.items
        if items == UInt64.max {
            do throws(WireError) {
                items = 0
                for index in unsafe slices.indices {
                    let bytes = unsafe Array(slices[index].bytes)
                    items += UInt64(try scan(bytes, as: signal).items)
                }
            } catch {
                throw .refused("not a request of \(signal.name): \(error)")
            }
        }
        let count = items
        let ranges = unsafe slices.map { slice in
            let start = unsafe UInt(bitPattern: slice.data)
            return unsafe start..<start + UInt(slice.length)
        }
        let made: UInt? = state.withLock { state in
            let allowed = owners.flatMap { state.entries[$0]?.ranges ?? [] }
            // Nearly every part is a whole part of a source, so most are found by their start.
            var ends: [UInt: UInt] = [:]
            for range in allowed {
                ends[range.lowerBound] = max(ends[range.lowerBound] ?? 0, range.upperBound)
            }
            for range in ranges where !range.isEmpty {
                if range.upperBound <= ends[range.lowerBound] ?? 0 { continue }
                let lies = allowed.contains {
                    $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound
                }
                if !lies { return nil }
            }
            for owner in owners { state.entries[owner]?.count += 1 }
            let parts = unsafe UnsafeMutablePointer<weir_slice>.allocate(
                capacity: max(1, slices.count))
            for index in unsafe slices.indices {
                unsafe (parts + index).initialize(to: slices[index])
            }
            let batch = UnsafeMutablePointer<weir_batch>.allocate(capacity: 1)
            unsafe batch.initialize(
                to: weir_batch(
                    size: UInt32(MemoryLayout<weir_batch>.size), signal: spec.signal, items: count,
                    bytes: slices.reduce(0) { unsafe $0 + UInt64($1.length) },
                    parts: UnsafePointer(parts), part_count: UInt32(slices.count), flags: 0))
            let address = UInt(bitPattern: batch)
            state.entries[address] = Entry(
                bytes: 0, owners: owners,
                blocks: [address, UInt(bitPattern: parts)],
                ranges: ranges)
            return address
        }
        guard let made else {
            throw .invalid("a part of a new batch lies in none of its sources and buffers")
        }
        return unsafe UnsafePointer(bitPattern: made)!
    }

    /// Says that a batch and what it owns belong to the test.
    func markTest(_ address: UInt) {
        state.withLock { state in
            state.entries[address]?.isTest = true
            for owner in state.entries[address]?.owners ?? [] {
                state.entries[owner]?.isTest = true
            }
        }
    }

    func retain(_ pointer: UnsafeRawPointer, _: UnsafePointer<weir_host>) {
        let address = UInt(bitPattern: pointer)
        state.withLock { state in
            if state.entries[address] == nil {
                state.faults.append("retain of a batch or buffer that is gone")
            }
            state.entries[address]?.count += 1
        }
    }

    func release(_ pointer: UnsafeRawPointer, _: UnsafePointer<weir_host>) {
        release(UInt(bitPattern: pointer))
    }

    func release(_ address: UInt) {
        state.withLock { state in
            var pending = [address]
            while let next = pending.popLast() {
                guard var entry = state.entries[next] else {
                    state.faults.append("release of a batch or buffer that is gone")
                    continue
                }
                entry.count -= 1
                state.entries[next] = entry.count == 0 ? nil : entry
                guard entry.count == 0 else { continue }
                state.held -= entry.bytes
                pending += entry.owners
                for block in entry.blocks {
                    unsafe UnsafeMutableRawPointer(bitPattern: block)!.deallocate()
                }
            }
        }
    }
}
