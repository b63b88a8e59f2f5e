/// A date as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7; the two forms that are
/// obsolete are not read).
struct HTTPDate: Equatable {
    /// Since 1970.
    let seconds: Int64

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int64(parts[1]),
            (1...31).contains(day),
            let month = Self.months.firstIndex(of: String(parts[2])), let year = Int64(parts[3]),
            (1970...9999).contains(year)
        else { return nil }
        let time = parts[4].split(separator: ":").compactMap { Int64($0) }
        guard time.count == 3, (0...23).contains(time[0]), (0...59).contains(time[1]),
            (0...60).contains(time[2])
        else { return nil }
        // Years that begin in March: the day that leap years add comes last.
        let shifted = Int64((month + 10) % 12)
        let years = shifted >= 10 ? year - 1 : year
        let days =
            years * 365 + years / 4 - years / 100 + years / 400 + (shifted * 306 + 5) / 10 + day
            - 1 - 719_468
        seconds = days * 86400 + time[0] * 3600 + time[1] * 60 + time[2]
    }
}
