import CWeir
public import WeirTelemetry

/// A range of bytes together with the batch or buffer that owns them: what batches are made from.
///
/// The bytes are a complete request, as each part of a batch is.
public struct Part: Sendable {
    enum Owner: Sendable {
        case batch(Batch, part: Int)
        case buffer(Buffer)
    }

    let owner: Owner
    let range: Range<Int>

    /// One part of a batch, or the bytes of it that `range` names.
    public init(_ batch: Batch, part: Int, range: Range<Int>? = nil) {
        let count = batch.part(part).byteCount
        owner = .batch(batch, part: part)
        self.range = range ?? 0..<count
        precondition(self.range.lowerBound >= 0 && self.range.upperBound <= count, "out of bounds")
    }

    /// A buffer, or the bytes of it that `range` names.
    public init(_ buffer: Buffer, range: Range<Int>? = nil) {
        owner = .buffer(buffer)
        self.range = range ?? 0..<buffer.count
        precondition(
            self.range.lowerBound >= 0 && self.range.upperBound <= buffer.count, "out of bounds")
    }

    public var count: Int { range.count }

    var slice: weir_slice {
        let whole =
            switch owner {
            case .batch(let batch, let part): unsafe batch.slice(part)
            case .buffer(let buffer): unsafe buffer.slice
            }
        return unsafe weir_slice(
            data: whole.data.map { unsafe $0 + range.lowerBound }, length: range.count)
    }
}

extension Host {
    /// Makes a batch from parts. Nothing is copied; the batch keeps what the parts lie in.
    ///
    /// - Parameters:
    ///   - items: spans, data points or log records. `nil`: the host checks the parts and counts,
    ///     as is right for bytes from outside.
    ///   - sources: each batch whose items go into the new one and that owns none of the parts; an
    ///     acknowledgement of the new batch counts for all of them. The owners of parts are added.
    public func makeBatch(
        _ signal: Signal, items: Int?, parts: [Part], sources: [Batch] = []
    ) throws(ComponentError) -> Batch {
        var owners = Owners(sources)
        var slices = unsafe [weir_slice]()
        unsafe slices.reserveCapacity(parts.count)
        for part in parts {
            unsafe slices.append(part.slice)
            owners.add(part)
        }
        return try unsafe makeBatch(signal, items, slices, owners)
    }

    /// Joins batches of one signal without copying: all their parts, one after the other.
    public func makeBatch(_ signal: Signal, joining batches: [Batch]) throws(ComponentError)
        -> Batch
    {
        if batches.count == 1 { return batches[0] }
        var slices = unsafe [weir_slice]()
        unsafe slices.reserveCapacity(batches.reduce(0) { $0 + $1.partCount })
        var items = 0
        for batch in batches {
            items += batch.items
            for index in 0..<batch.partCount { unsafe slices.append(batch.slice(index)) }
        }
        return try unsafe makeBatch(signal, items, slices, Owners(batches))
    }

    private func makeBatch(
        _ signal: Signal, _ items: Int?, _ slices: [weir_slice], _ owners: Owners
    ) throws(ComponentError) -> Batch {
        let sources = unsafe owners.batches.map { unsafe Optional($0.raw) }
        let buffers = unsafe owners.buffers.map { unsafe Optional($0.raw) }
        var made: UnsafePointer<weir_batch>? = nil
        // Arrays are passed as pointers to C calls only, so the calls nest.
        let result = unsafe slices.withUnsafeBufferPointer { slices in
            unsafe sources.withUnsafeBufferPointer { sources in
                unsafe buffers.withUnsafeBufferPointer { buffers in
                    var spec = unsafe weir_batch_spec(
                        size: UInt32(MemoryLayout<weir_batch_spec>.size), signal: signal.rawValue,
                        items: items.map { UInt64($0) } ?? UInt64.max, parts: slices.baseAddress,
                        part_count: UInt32(slices.count), source_count: UInt32(sources.count),
                        sources: sources.baseAddress, buffers: buffers.baseAddress,
                        buffer_count: UInt32(buffers.count), reserved: 0)
                    return unsafe makeRaw(&spec, &made)
                }
            }
        }
        withExtendedLifetime(owners) {}
        if let error = result { throw error }
        return unsafe Batch(adopting: made!, signal, self)
    }

    private func makeRaw(
        _ spec: UnsafePointer<weir_batch_spec>, _ made: inout UnsafePointer<weir_batch>?
    ) -> ComponentError? {
        var error = weir_error()
        unsafe weir_error_init(&error)
        unsafe made = table.pointee.batch_make(table, spec, &error)
        if unsafe made != nil { return nil }
        let status = error.status == Status.ok ? Status.refused : error.status
        return unsafe ComponentError(status, &error)
    }
}

/// The batches and buffers that a new batch retains, each once.
private struct Owners {
    private(set) var batches: [Batch] = []
    private(set) var buffers: [Buffer] = []
    private var last: ObjectIdentifier?
    /// What is retained, once there is too much of it to look through.
    private var seen: Set<ObjectIdentifier> = []
    /// Up to so many are looked through one by one: cheaper than hashing them.
    private static let searched = 16

    init(_ sources: [Batch]) {
        for source in sources { add(source) }
    }

    mutating func add(_ part: Part) {
        switch part.owner {
        case .batch(let batch, _): add(batch)
        case .buffer(let buffer): if isNew(buffer) { buffers.append(buffer) }
        }
    }

    private mutating func add(_ batch: Batch) {
        if isNew(batch) { batches.append(batch) }
    }

    private mutating func isNew(_ object: AnyObject) -> Bool {
        let id = ObjectIdentifier(object)
        if id == last { return false }
        last = id
        guard batches.count + buffers.count >= Self.searched else {
            return !batches.contains { $0 === object } && !buffers.contains { $0 === object }
        }
        if seen.isEmpty {
            for batch in batches { seen.insert(ObjectIdentifier(batch)) }
            for buffer in buffers { seen.insert(ObjectIdentifier(buffer)) }
        }
        return seen.insert(id).inserted
    }
}
