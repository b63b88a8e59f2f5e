import WeirSDK

/// As Go prints a time: `2020-02-11 20:26:13.000000789 +0000 UTC`, without final zeros.
func timestampText(_ unixNano: UInt64) -> String {
    let time = CalendarTime(unixNanoseconds: unixNano)
    return time.dateText + " " + time.timeText() + time.fractionText + " +0000 UTC"
}
