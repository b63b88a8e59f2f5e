extension CalendarTime {
    /// Reads a moment as RFC 3339 has it, `2026-11-21T10:00:00.123Z` or with an offset, which
    /// becomes UTC; `nil` for all else, and for moments before 1970.
    public init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        func has(_ character: Unicode.Scalar, _ index: Int) -> Bool {
            bytes[index] == UInt8(ascii: character)
        }
        func number(_ range: Range<Int>) -> Int? {
            bytes[range].allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
                ? Int(String(decoding: bytes[range], as: UTF8.self)) : nil
        }
        guard bytes.count >= 20, has("-", 4), has("-", 7), has(":", 13), has(":", 16),
            bytes[10] | 0x20 == UInt8(ascii: "t"), let year = number(0..<4),
            let month = number(5..<7), (1...12).contains(month), let day = number(8..<10),
            (1...31).contains(day), let hour = number(11..<13), hour < 24,
            let minute = number(14..<16), minute < 60, let second = number(17..<19), second <= 60
        else { return nil }
        var end = 19
        var nanosecond = 0
        if has(".", end) {
            var weight = 100_000_000
            end += 1
            let first = end
            while end < bytes.count, let digit = number(end..<end + 1) {
                nanosecond += digit * weight
                weight /= 10
                end += 1
            }
            guard end > first, end < bytes.count else { return nil }
        }
        var shift = 0
        if bytes[end] | 0x20 == UInt8(ascii: "z") {
            guard bytes.count == end + 1 else { return nil }
        } else {
            guard bytes.count == end + 6, has("+", end) || has("-", end), has(":", end + 3),
                let hours = number(end + 1..<end + 3), let minutes = number(end + 4..<end + 6)
            else { return nil }
            shift = (hours * 3600 + minutes * 60) * (has("+", end) ? -1 : 1)
        }
        let local = CalendarTime(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second,
            nanosecond: nanosecond)
        // Beyond 2262 there is no need to be exact.
        guard let moment = local.unixNanoseconds.map({ Int64(clamping: $0) }) else { return nil }
        let (shifted, overflow) = moment.addingReportingOverflow(Int64(shift) * 1_000_000_000)
        guard !overflow, let nanoseconds = UInt64(exactly: shifted) else { return nil }
        self.init(unixNanoseconds: nanoseconds)
    }
}
