import WeirSDK

/// Seconds since 1970 of a moment as Envoy writes it, `2026-11-21T10:00:00.123Z` or with an offset.
func unixSeconds(rfc3339 text: String) -> Double? {
    let pattern = Array(text.utf8)
    guard pattern.count >= 20, pattern[4] == UInt8(ascii: "-"), pattern[7] == UInt8(ascii: "-"),
        pattern[10] | 0x20 == UInt8(ascii: "t"), pattern[13] == UInt8(ascii: ":"),
        pattern[16] == UInt8(ascii: ":")
    else { return nil }
    func number(_ range: Range<Int>) -> Int? {
        Int(String(decoding: pattern[range], as: UTF8.self))
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
        let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
        let moment = CalendarTime(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second
        ).unixNanoseconds
    else { return nil }
    var rest = pattern[19...]
    if rest.first == UInt8(ascii: ".") {
        rest = rest.dropFirst().drop { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }
    let seconds = Double(moment) / 1e9
    guard let zone = rest.first else { return nil }
    if zone | 0x20 == UInt8(ascii: "z") { return rest.count == 1 ? seconds : nil }
    let offset = rest.startIndex
    guard rest.count == 6, zone == UInt8(ascii: "+") || zone == UInt8(ascii: "-"),
        let hours = number(offset + 1..<offset + 3), let minutes = number(offset + 4..<offset + 6)
    else { return nil }
    let shift = Double(hours * 3600 + minutes * 60)
    return zone == UInt8(ascii: "+") ? seconds - shift : seconds + shift
}
