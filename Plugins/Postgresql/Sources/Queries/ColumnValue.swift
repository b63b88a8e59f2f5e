import WeirSDK

/// Types by their numbers in `pg_type`, which never change.
private enum ColumnType {
    static let date: UInt32 = 1082
    static let timestamp: UInt32 = 1114
    static let timestampWithZone: UInt32 = 1184
    static let interval: UInt32 = 1186
}

/// A column's value as a number: times as seconds since 1970, intervals as seconds.
///
/// Sessions write times by ISO 8601 in UTC and intervals by ISO 8601 (``SessionSetup``).
func columnValue(_ text: String, type: UInt32) -> Double? {
    switch type {
    case ColumnType.date, ColumnType.timestamp, ColumnType.timestampWithZone: time(text)
    case ColumnType.interval: interval(text)
    default: numberValue(text)
    }
}

/// `2025-01-31 09:30:00.5+00`
private func time(_ text: String) -> Double? {
    if text == "infinity" { return .infinity }
    if text == "-infinity" { return -.infinity }
    let parts = text.split(separator: " ", maxSplits: 1)
    let date = (parts.first ?? "").split(separator: "-").compactMap { Int($0) }
    guard date.count == 3, (1...31).contains(date[2]) else { return nil }
    var moment = CalendarTime(year: date[0], month: date[1], day: date[2])
    var seconds = 0.0
    if parts.count == 2 {
        let clock = parts[1].prefix { $0 != "+" }.split(separator: ":")
        guard clock.count == 3, let hour = Int(clock[0]), let minute = Int(clock[1]),
            let second = Double(clock[2]), (0...24).contains(hour), (0...60).contains(minute)
        else { return nil }
        (moment.hour, moment.minute) = (hour, minute)
        seconds = second
    }
    return moment.unixNanoseconds.map { Double($0 / 1_000_000_000) + seconds }
}

/// `P1Y2M3DT4H5M6.7S`, where each number may be negative; a month has 30 days and a year 365.25, as
/// in PostgreSQL's own `extract(epoch)`.
private func interval(_ text: String) -> Double? {
    guard text.first == "P" else { return nil }
    var total = 0.0
    var number = ""
    var isTime = false
    for letter in text.dropFirst() {
        switch letter {
        case "T": isTime = true
        case "0"..."9", ".", "-": number.append(letter)
        default:
            let scales: [Character: Double] =
                isTime
                ? ["H": 3600, "M": 60, "S": 1]
                : ["Y": 31_557_600, "M": 2_592_000, "W": 604_800, "D": 86_400]
            guard let value = Double(number), let scale = scales[letter] else { return nil }
            total += value * scale
            number = ""
        }
    }
    return number.isEmpty ? total : nil
}
