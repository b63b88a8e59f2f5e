import CWeir

// Swift clothes for the C structs. Everything here copies: nothing borrowed escapes.

extension weir_error {
    static func make() -> weir_error {
        var error = weir_error()
        error.size = UInt32(MemoryLayout<weir_error>.size)
        return error
    }

    var text: String {
        let length = min(Int(message_length), Int(WEIR_MESSAGE_MAX))
        return unsafe withUnsafeBytes(of: message) { bytes in
            unsafe String(decoding: bytes.prefix(length), as: UTF8.self)
        }
    }

    /// The message; where the plugin left none, that is said, because it is the plugin's mistake.
    func text(orStatus status: weir_status) -> String {
        let text = self.text
        return text.isEmpty ? "status \(statusName(status)), without a message" : text
    }

    mutating func set(_ status: weir_status, _ text: String, retryAfter: UInt64 = 0) {
        retry_after_ns = retryAfter
        var text = text
        self.status = text.withUTF8 { bytes in
            unsafe weir_fail(
                &self, status, weir_slice(data: bytes.baseAddress, length: bytes.count))
        }
    }
}

func statusName(_ status: weir_status) -> String {
    switch Int(status) {
    case WEIR_OK: "ok"
    case WEIR_RETRY: "retry"
    case WEIR_REFUSED: "refused"
    case WEIR_PENDING: "pending"
    case WEIR_CANCELLED: "cancelled"
    case WEIR_TIMEOUT: "timeout"
    case WEIR_UNSUPPORTED: "unsupported"
    case WEIR_INVALID: "invalid"
    default: "\(status)"
    }
}

extension weir_slice {
    /// A copy as text; what is not UTF-8 is replaced.
    var string: String {
        guard let data = unsafe data else { return "" }
        return unsafe String(
            decoding: UnsafeBufferPointer(start: data, count: length), as: UTF8.self)
    }

    var bytes: [UInt8] {
        guard let data = unsafe data else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: data, count: length))
    }
}

/// The constants of weir/types.h with their C type.
enum Status {
    static let ok = weir_status(WEIR_OK)
    static let retry = weir_status(WEIR_RETRY)
    static let refused = weir_status(WEIR_REFUSED)
    static let pending = weir_status(WEIR_PENDING)
    static let cancelled = weir_status(WEIR_CANCELLED)
    static let timeout = weir_status(WEIR_TIMEOUT)
    static let unsupported = weir_status(WEIR_UNSUPPORTED)
    static let invalid = weir_status(WEIR_INVALID)
}

/// A struct that begins with `size`, which a plugin built against older headers makes shorter.
protocol SizedStruct {
    var size: UInt32 { get }
    /// All zero.
    init()
}

extension weir_batch_spec: @unsafe SizedStruct {}
extension weir_client_request: @unsafe SizedStruct {}
extension weir_error: SizedStruct {}
extension weir_histogram: @unsafe SizedStruct {}
extension weir_http_handler: @unsafe SizedStruct {}
extension weir_metric_info: @unsafe SizedStruct {}
extension weir_plugin: @unsafe SizedStruct {}
extension weir_response: @unsafe SizedStruct {}
extension weir_summary: @unsafe SizedStruct {}

extension UnsafePointer where Pointee: SizedStruct {
    /// A copy, as far as the struct goes; what lies beyond its `size` is zero, which is what every
    /// field that was added later takes for "absent".
    var copied: Pointee {
        let size = unsafe Int(self.pointee.size)
        if size >= MemoryLayout<Pointee>.size { return unsafe self.pointee }
        var copy = Pointee()
        unsafe withUnsafeMutableBytes(of: &copy) { bytes in
            unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(start: self, count: size))
        }
        return copy
    }
}
