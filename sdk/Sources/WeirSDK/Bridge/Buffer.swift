import CWeir

/// Memory of the host that is being filled. `freeze()` turns it into a ``Buffer``.
@safe public struct MutableBuffer: ~Copyable {
    private let raw: UnsafeMutablePointer<weir_buffer>
    private let host: Host

    init(adopting raw: UnsafeMutablePointer<weir_buffer>, _ host: Host) {
        unsafe self.raw = raw
        self.host = host
    }

    public var count: Int { unsafe raw.pointee.length }

    /// All of its bytes. What they are at first is not said.
    public var bytes: MutableRawSpan {
        @_lifetime(&self)
        mutating get {
            let span = unsafe MutableRawSpan(
                _unsafeStart: UnsafeMutableRawPointer(raw.pointee.data),
                byteCount: raw.pointee.length)
            return unsafe _overrideLifetime(span, mutating: &self)
        }
    }

    /// Copies bytes to an offset; they have to fit.
    public mutating func write(_ source: RawSpan, at offset: Int) {
        precondition(offset >= 0 && source.byteCount <= count - offset, "does not fit")
        unsafe source.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe UnsafeMutableRawPointer(raw.pointee.data! + offset).copyMemory(
                from: start, byteCount: source.count)
        }
    }

    /// Ends the writing.
    public consuming func freeze() -> Buffer {
        let buffer = unsafe Buffer(adopting: raw, host)
        discard self
        return buffer
    }

    deinit {
        unsafe host.table.pointee.buffer_release(host.table, raw)
    }
}

/// Memory of the host that does not change any more; batches can be made from it.
@safe public final class Buffer: @unchecked Sendable {
    // Sendable: nothing writes to it any more, and it is released on any thread.
    let raw: UnsafePointer<weir_buffer>
    private let host: Host

    init(adopting raw: UnsafePointer<weir_buffer>, _ host: Host) {
        unsafe self.raw = raw
        self.host = host
    }

    convenience init(retaining raw: UnsafePointer<weir_buffer>, _ host: Host) {
        unsafe host.table.pointee.buffer_retain(host.table, raw)
        unsafe self.init(adopting: raw, host)
    }

    deinit {
        unsafe host.table.pointee.buffer_release(host.table, raw)
    }

    public var count: Int { unsafe raw.pointee.length }

    /// The bytes, borrowed from this buffer.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(RawSpan(_unsafeBytes: slice.bytes), borrowing: self) }
    }

    var slice: weir_slice {
        unsafe weir_slice(data: raw.pointee.data, length: raw.pointee.length)
    }
}

extension Host {
    /// A buffer of exactly `length` bytes. Throws RETRY if the memory budget does not allow it.
    public func makeBuffer(length: Int) throws(ComponentError) -> MutableBuffer {
        guard let raw = unsafe table.pointee.buffer_make(table, length) else {
            throw .retry("the host's memory budget has no \(length) bytes left")
        }
        return unsafe MutableBuffer(adopting: raw, self)
    }

    /// A buffer with a copy of these bytes.
    public func makeBuffer(copying bytes: RawSpan) throws(ComponentError) -> Buffer {
        var buffer = try makeBuffer(length: bytes.byteCount)
        buffer.write(bytes, at: 0)
        return buffer.freeze()
    }

    /// A buffer with a copy of these bytes.
    public func makeBuffer(copying bytes: [UInt8]) throws(ComponentError) -> Buffer {
        try unsafe makeBuffer(copying: bytes.span.bytes)
    }
}
