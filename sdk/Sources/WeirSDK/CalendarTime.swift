/// A moment in the Gregorian calendar, in UTC: what texts and file names are made of.
public struct CalendarTime: Sendable, Hashable {
    public var year: Int
    /// 1 to 12.
    public var month: Int
    /// 1 to 31.
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int
    public var nanosecond: Int

    public init(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
        nanosecond: Int = 0
    ) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.nanosecond = nanosecond
    }

    /// The moment so many nanoseconds after 1970 began.
    ///
    /// Years are counted from March, in eras of 400 (Howard Hinnant, "chrono-Compatible Low-Level
    /// Date Algorithms").
    public init(unixNanoseconds: UInt64) {
        let seconds = Int(unixNanoseconds / 1_000_000_000)
        let shifted = seconds / 86_400 + 719_468
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + shifted / 146_097 * 400 + (month <= 2 ? 1 : 0)
        hour = seconds / 3600 % 24
        minute = seconds / 60 % 60
        second = seconds % 60
        nanosecond = Int(unixNanoseconds % 1_000_000_000)
    }

    /// Seconds since 1970, below 0 for moments before it; `nil` where the year is not 1 to 9999 or the
    /// month none.
    public var unixSeconds: Int64? {
        guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
        let shiftedYear = month <= 2 ? year - 1 : year
        let yearOfEra = shiftedYear % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = shiftedYear / 400 * 146_097 + dayOfEra - 719_468
        return Int64(days * 86_400 + hour * 3600 + minute * 60 + second)
    }

    /// Nanoseconds since 1970; `nil` for moments before it, and for those from 2554 on.
    public var unixNanoseconds: UInt64? {
        guard let seconds = unixSeconds.flatMap({ UInt64(exactly: $0) }) else { return nil }
        let (product, isTooLate) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return isTooLate ? nil : product &+ UInt64(max(0, nanosecond))
    }

    /// `2025-01-31`
    public var dateText: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }

    /// `09:30:00`
    public func timeText(separator: String = ":") -> String {
        padded(hour, 2) + separator + padded(minute, 2) + separator + padded(second, 2)
    }

    /// `.5` or `.000000789`: the fraction of the second without final zeros; nothing for none.
    public var fractionText: String {
        if nanosecond == 0 { return "" }
        var digits = padded(nanosecond, 9)
        while digits.last == "0" { digits.removeLast() }
        return "." + digits
    }

    /// As RFC 3339 has it: `2025-01-31T09:30:00.5Z`.
    public var rfc3339: String { dateText + "T" + timeText() + fractionText + "Z" }

    private func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
