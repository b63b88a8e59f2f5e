import Glibc
import WeirSDK

/// How rotated files are named: the moment between the name and its extension, as lumberjack does,
/// `spans-2025-01-01T09-30-00.125.json`.
struct BackupName {
    let directory: String
    private let stem: String
    private let suffix: String
    private let isLocal: Bool

    init(path: String, isLocal: Bool) {
        let slash = path.lastIndex(of: "/")
        directory = slash.map { String(path[..<$0]) + "/" } ?? "./"
        let file = slash.map { path[path.index(after: $0)...] } ?? path[...]
        let dot = file.lastIndex(of: ".") ?? file.endIndex
        stem = file[..<dot] + "-"
        suffix = String(file[dot...])
        self.isLocal = isLocal
    }

    /// The name, without its directory, of a file that is put aside at this moment.
    func name(at unixNano: UInt64) -> String {
        let offset = isLocal ? localOffset(at: unixNano) : 0
        let shifted = UInt64(clamping: Int64(clamping: unixNano) + offset)
        let time = CalendarTime(unixNanoseconds: shifted)
        let milliseconds = String(1000 + time.nanosecond / 1_000_000).dropFirst()
        return stem + time.dateText + "T" + time.timeText(separator: "-") + "." + milliseconds
            + suffix
    }

    /// The moment in a name that `name(at:)` made; `nil` for any other name.
    func moment(of name: String) -> UInt64? {
        guard name.hasPrefix(stem), name.hasSuffix(suffix),
            name.utf8.count == stem.utf8.count + 23 + suffix.utf8.count
        else { return nil }
        let text = Array(name.utf8.dropFirst(stem.utf8.count).prefix(23))
        for (byte, shape) in zip(text, "dddd-dd-ddTdd-dd-dd.ddd".utf8) {
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            guard shape == UInt8(ascii: "d") ? isDigit : byte == shape else { return nil }
        }
        func number(_ range: Range<Int>) -> Int {
            text[range].reduce(0) { $0 * 10 + Int($1) - 48 }
        }
        let time = CalendarTime(
            year: number(0..<4), month: number(5..<7), day: number(8..<10),
            hour: number(11..<13), minute: number(14..<16), second: number(17..<19),
            nanosecond: number(20..<23) * 1_000_000)
        guard let moment = time.unixNanoseconds else { return nil }
        return isLocal
            ? UInt64(clamping: Int64(clamping: moment) - localOffset(at: moment)) : moment
    }
}

/// By how many nanoseconds local time is ahead of UTC.
private func localOffset(at unixNano: UInt64) -> Int64 {
    var seconds = time_t(unixNano / 1_000_000_000)
    var parts = unsafe tm()
    _ = unsafe localtime_r(&seconds, &parts)
    return unsafe Int64(parts.tm_gmtoff) * 1_000_000_000
}
