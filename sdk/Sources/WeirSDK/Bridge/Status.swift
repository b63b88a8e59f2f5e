package import CWeir

/// The constants of the ABI in the types in which it uses them.
package enum Status {
    package static var ok: weir_status { weir_status(WEIR_OK) }
    package static var retry: weir_status { weir_status(WEIR_RETRY) }
    package static var refused: weir_status { weir_status(WEIR_REFUSED) }
    package static var pending: weir_status { weir_status(WEIR_PENDING) }
    package static var cancelled: weir_status { weir_status(WEIR_CANCELLED) }
    package static var timeout: weir_status { weir_status(WEIR_TIMEOUT) }
    package static var unsupported: weir_status { weir_status(WEIR_UNSUPPORTED) }
    package static var invalid: weir_status { weir_status(WEIR_INVALID) }
}

extension weir_slice {
    /// Copies the text; what is not UTF-8 is replaced.
    package var string: String { unsafe String(decoding: bytes, as: UTF8.self) }

    package var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : length)
    }

    package init(_ bytes: UnsafeRawBufferPointer) {
        let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe self.init(data: start, length: bytes.count)
    }

    package init(_ bytes: UnsafeBufferPointer<UInt8>) {
        unsafe self.init(data: bytes.baseAddress, length: bytes.count)
    }

    package static var empty: weir_slice { unsafe weir_slice(data: nil, length: 0) }
}

/// Lends the UTF-8 of a text for the time of a call.
package func withSlice<R, E: Error>(
    _ text: String, _ body: (weir_slice) throws(E) -> R
) throws(E) -> R {
    var text = text
    // withUTF8 is rethrows, so a typed error goes through a Result.
    let result: Result<R, E> = text.withUTF8 { bytes in
        do throws(E) { return .success(unsafe try body(weir_slice(bytes))) } catch {
            return .failure(error)
        }
    }
    return try result.get()
}

extension ComponentError {
    /// The error that a call left behind with this status.
    package init(_ status: weir_status, _ error: UnsafePointer<weir_error>) {
        let length = unsafe min(Int(error.pointee.message_length), Int(WEIR_MESSAGE_MAX))
        let offset = MemoryLayout<weir_error>.offset(of: \weir_error.message)!
        let text = unsafe UnsafeRawBufferPointer(
            start: UnsafeRawPointer(error) + offset, count: length)
        let message = unsafe String(decoding: text, as: UTF8.self)
        self.init(
            status: status, message: message,
            retryAfter: unsafe Duration(nanosecondCount: error.pointee.retry_after_ns))
    }

    /// - Parameter retryAfter: zero leaves the delay to whoever tries again.
    package init(status: weir_status, message: String, retryAfter: Duration = .zero) {
        switch status {
        case Status.retry: self = .retry(after: retryAfter == .zero ? nil : retryAfter, message)
        case Status.cancelled: self = .cancelled(message)
        case Status.timeout: self = .timeout(message)
        case Status.unsupported: self = .unsupported(message)
        case Status.invalid: self = .invalid(message)
        default: self = .refused(message)
        }
    }

    package var status: weir_status {
        switch kind {
        case .retry: Status.retry
        case .refused: Status.refused
        case .cancelled: Status.cancelled
        case .timeout: Status.timeout
        case .unsupported: Status.unsupported
        case .invalid: Status.invalid
        }
    }

    /// Fills in the caller's error and returns the status.
    package func write(to error: UnsafeMutablePointer<weir_error>) -> weir_status {
        if case .retry(let delay?) = kind {
            unsafe error.pointee.retry_after_ns = delay.clampedNanoseconds
        }
        return unsafe withSlice(message) { unsafe weir_fail(error, status, $0) }
    }
}

/// Calls a function of the host and throws what it left in the error.
package func check(
    _ call: (UnsafeMutablePointer<weir_error>) -> weir_status
) throws(ComponentError) {
    var error = weir_error()
    unsafe weir_error_init(&error)
    let status = unsafe call(&error)
    if status != Status.ok { throw unsafe ComponentError(status, &error) }
}
