import NIOCore

/// `google.rpc.Status` with at most one `google.rpc.RetryInfo`, as `grpc-status-details-bin` has it.
///
/// Status: `int32 code = 1; string message = 2; repeated Any details = 3`.
/// Any: `string type_url = 1; bytes value = 2`. RetryInfo: `Duration retry_delay = 1`.
/// Duration: `int64 seconds = 1; int32 nanos = 2`.
enum GRPCStatusDetails {
    private static let retryInfoType = "type.googleapis.com/google.rpc.RetryInfo"

    static func encode(_ status: GRPCStatus) -> [UInt8] {
        var out: [UInt8] = []
        if status.code != .ok { field(1, varint: UInt64(status.code.rawValue), to: &out) }
        if !status.message.isEmpty { field(2, bytes: Array(status.message.utf8), to: &out) }
        if let delay = status.retryDelay {
            var duration: [UInt8] = []
            let nanoseconds = max(0, delay.nanoseconds)
            let (seconds, nanos) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
            if seconds != 0 { field(1, varint: UInt64(seconds), to: &duration) }
            if nanos != 0 { field(2, varint: UInt64(nanos), to: &duration) }
            var info: [UInt8] = []
            field(1, bytes: duration, to: &info)
            var any: [UInt8] = []
            field(1, bytes: Array(retryInfoType.utf8), to: &any)
            field(2, bytes: info, to: &any)
            field(3, bytes: any, to: &out)
        }
        return out
    }

    /// The retry delay that the details carry, if they do.
    static func retryDelay(in bytes: [UInt8]) -> TimeAmount? {
        var found: TimeAmount?
        forEachField(bytes[...]) { number, _, any in
            guard number == 3 else { return }
            var isRetryInfo = false
            var value: ArraySlice<UInt8> = []
            forEachField(any) { number, _, bytes in
                if number == 1 { isRetryInfo = bytes.elementsEqual(retryInfoType.utf8) }
                if number == 2 { value = bytes }
            }
            guard isRetryInfo else { return }
            // Without a delay it says all the same that the request may come again.
            found = .zero
            forEachField(value) { number, _, duration in
                guard number == 1 else { return }
                var total: Int64 = 0
                forEachField(duration) { number, integer, _ in
                    // A delay of more than a day is a mistake; the caller caps it anyway.
                    let bounded = Int64(min(integer, 1_000_000_000))
                    if number == 1 { total += min(bounded, 86400) * 1_000_000_000 }
                    if number == 2 { total += bounded }
                }
                found = .nanoseconds(total)
            }
        }
        return found
    }

    private static func varint(_ value: UInt64, to out: inout [UInt8]) {
        var value = value
        while value >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        out.append(UInt8(value))
    }

    private static func field(_ number: UInt64, varint value: UInt64, to out: inout [UInt8]) {
        varint(number << 3, to: &out)
        varint(value, to: &out)
    }

    private static func field(_ number: UInt64, bytes: [UInt8], to out: inout [UInt8]) {
        varint(number << 3 | 2, to: &out)
        varint(UInt64(bytes.count), to: &out)
        out += bytes
    }

    /// Calls `body` for each varint and length-delimited field; stops at the first malformed one.
    private static func forEachField(
        _ bytes: ArraySlice<UInt8>, _ body: (UInt64, UInt64, ArraySlice<UInt8>) -> Void
    ) {
        var rest = bytes
        func varint() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                guard let byte = rest.popFirst() else { return nil }
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
            }
            return nil
        }
        while !rest.isEmpty {
            guard let tag = varint() else { return }
            switch tag & 7 {
            case 0:
                guard let value = varint() else { return }
                body(tag >> 3, value, [])
            case 2:
                guard let length = varint(), length <= UInt64(rest.count) else { return }
                body(tag >> 3, 0, rest.prefix(Int(length)))
                rest = rest.dropFirst(Int(length))
            case 1, 5:
                let width = tag & 7 == 1 ? 8 : 4
                guard rest.count >= width else { return }
                rest = rest.dropFirst(width)
            default: return
            }
        }
    }
}
