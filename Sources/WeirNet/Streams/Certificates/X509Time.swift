/// Moments in certificates (RFC 5280, 4.1.2.5).
enum X509Time {
    /// Seconds since 1970; `nil`: not a moment.
    static func seconds(_ element: DERReader.Element) -> Int64? {
        var digits = element.contents
        guard digits.popLast() == UInt8(ascii: "Z") else { return nil }
        func number(_ count: Int) -> Int64? {
            guard digits.count >= count else { return nil }
            let part = digits.prefix(count)
            digits = digits.dropFirst(count)
            guard part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return part.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        let year: Int64
        switch element.tag {
        case DERTag.utcTime:
            guard let short = number(2) else { return nil }
            year = short < 50 ? 2000 + short : 1900 + short
        case DERTag.generalizedTime:
            guard let long = number(4) else { return nil }
            year = long
        default: return nil
        }
        guard let month = number(2), (1...12).contains(month), let day = number(2),
            (1...31).contains(day), let hour = number(2), let minute = number(2),
            let second = number(2), digits.isEmpty, hour < 24, minute < 60, second < 61
        else { return nil }
        return ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    }

    /// Days since 1970, in the Gregorian calendar; years begin in March here, so that the day that
    /// leap years add is their last.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let month = (month + 9) % 12
        let era = (year >= 0 ? year : year - 399) / 400
        let inEra = year - era * 400
        let dayOfYear = (153 * month + 2) / 5 + day - 1
        return era * 146097 + inEra * 365 + inEra / 4 - inEra / 100 + dayOfYear - 719468
    }

    /// `2026-11-21`.
    static func date(_ seconds: Int64) -> String {
        let shifted = (seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400) + 719468
        let era = (shifted >= 0 ? shifted : shifted - 146096) / 146097
        let inEra = shifted - era * 146097
        let years = (inEra - inEra / 1460 + inEra / 36524 - inEra / 146096) / 365
        let dayOfYear = inEra - (365 * years + years / 4 - years / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = years + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(day))"
    }
}
