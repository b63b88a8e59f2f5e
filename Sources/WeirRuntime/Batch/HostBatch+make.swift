import CWeir
import NIOCore
import WeirTelemetry

extension HostBatch {
    /// Makes what a plugin asked for with `batch_make`, after checking that every part lies where
    /// the spec says.
    static func make(
        _ spec: UnsafePointer<weir_batch_spec>, error: UnsafeMutablePointer<weir_error>
    ) -> HostBatch? {
        let wanted = unsafe spec.copied
        guard let signal = unsafe Signal(rawValue: wanted.signal) else {
            return unsafe refuse(
                error, "signal is \(wanted.signal), expected 1 to 3 (WEIR_TRACES …)")
        }
        if unsafe wanted.items <= UInt64(Int32.max), let whole = unsafe wholeBuffer(of: wanted) {
            let items = Int(unsafe wanted.items)
            return HostBatch(
                signal: signal, items: items, parts: [whole.bytes], owners: [whole])
        }
        var memory = unsafe BackingMemory(wanted)
        var parts: [ByteBuffer] = []
        unsafe parts.reserveCapacity(Int(wanted.part_count))
        for index in unsafe 0..<Int(wanted.part_count) {
            let slice = unsafe wanted.parts[index]
            guard let part = unsafe memory.buffer(of: slice, hint: index) else {
                return unsafe refuse(
                    error,
                    "part \(index) (\(slice.length) bytes) lies in none of the \(wanted.source_count)"
                        + " sources and \(wanted.buffer_count) buffers")
            }
            parts.append(part)
        }
        var items = unsafe wanted.items
        if items == UInt64.max {
            switch count(parts, signal) {
            case .success(let found): items = UInt64(found)
            case .failure(let wrong):
                return unsafe refuse(error, "the bytes are not \(signal.requestName): \(wrong)")
            }
        }
        guard items <= UInt64(Int32.max) else {
            return unsafe refuse(error, "items is \(items), expected at most \(Int32.max)")
        }
        return HostBatch(signal: signal, items: Int(items), parts: parts, owners: memory.owners)
    }
}

/// The buffer, where all of one buffer is the batch: what a receiver makes of a request.
private func wholeBuffer(of spec: weir_batch_spec) -> HostBuffer? {
    guard unsafe spec.part_count == 1, unsafe spec.buffer_count == 1,
        unsafe spec.source_count == 0, let pointer = unsafe spec.buffers[0]
    else { return nil }
    let buffer = unsafe HostBuffer.from(pointer)
    let (part, whole) = unsafe (spec.parts[0], buffer.pointer.pointee)
    guard unsafe part.length > 0, unsafe part.length == whole.length,
        unsafe part.data == UnsafePointer(whole.data)
    else { return nil }
    return buffer
}

/// Checks parts that come from outside, and counts their items.
private func count(_ parts: [ByteBuffer], _ signal: Signal) -> Result<Int, WireError> {
    var items = 0
    for part in parts {
        do throws(WireError) {
            items += try scan(part.readableBytesSpan, as: signal).items
        } catch {
            return .failure(error)
        }
    }
    return .success(items)
}

private func refuse(_ error: UnsafeMutablePointer<weir_error>, _ reason: String) -> HostBatch? {
    unsafe error.pointee.set(Status.invalid, "batch_make: " + reason)
    return nil
}

/// The memory that the parts of a new batch may point into.
private struct BackingMemory {
    private var buffers: [ByteBuffer] = []
    private var all: [AnyObject] = []
    /// The only source, where there is one only, and whether any part lies in it.
    private var source: HostBatch?
    private var firstShared = 0
    private var isShared = false

    /// Whose memory the parts lie in, and who waits for their items. Of a batch that was rewritten
    /// as a whole only those are kept: its bytes would double what a queue holds.
    var owners: [AnyObject] {
        guard let source else { return all }
        if isShared { return all + [source] }
        var owners = all
        source.eachAcknowledgement { owners.append($0) }
        return owners
    }

    init(_ spec: weir_batch_spec) {
        let sources = Int(unsafe spec.source_count)
        let plain = Int(unsafe spec.buffer_count)
        buffers.reserveCapacity(sources + plain)
        all.reserveCapacity(sources + plain)
        for index in 0..<plain {
            guard let pointer = unsafe spec.buffers[index] else { continue }
            let buffer = unsafe HostBuffer.from(pointer)
            buffers.append(buffer.bytes)
            all.append(buffer)
        }
        firstShared = buffers.count
        for index in 0..<sources {
            guard let pointer = unsafe spec.sources[index] else { continue }
            let batch = unsafe HostBatch.from(pointer)
            buffers.append(contentsOf: batch.parts)
            if sources == 1 { source = batch } else { all.append(batch) }
        }
    }

    /// The bytes of a slice as a buffer that retains them. `hint` is where it most likely lies:
    /// parts usually come in the order of what they are taken from.
    mutating func buffer(of slice: weir_slice, hint: Int) -> ByteBuffer? {
        guard unsafe slice.length != 0 else { return ByteBuffer() }
        // What is beyond Int.max in C is negative here.
        guard let start = unsafe slice.data, unsafe slice.length > 0 else { return nil }
        if hint < buffers.count, let found = unsafe cut(buffers[hint], start, slice.length) {
            isShared = isShared || hint >= firstShared
            return found
        }
        for (index, buffer) in buffers.enumerated() {
            guard let found = unsafe cut(buffer, start, slice.length) else { continue }
            isShared = isShared || index >= firstShared
            return found
        }
        return nil
    }

    private func cut(
        _ buffer: ByteBuffer, _ start: UnsafePointer<UInt8>, _ length: Int
    ) -> ByteBuffer? {
        let offset: Int? = unsafe buffer.withUnsafeReadableBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            let offset = unsafe UnsafeRawPointer(start) - base
            guard offset >= 0, offset <= bytes.count, length <= bytes.count - offset else {
                return nil
            }
            return offset
        }
        guard let offset else { return nil }
        if offset == 0, length == buffer.readableBytes { return buffer }
        return buffer.getSlice(at: buffer.readerIndex + offset, length: length)
    }
}
