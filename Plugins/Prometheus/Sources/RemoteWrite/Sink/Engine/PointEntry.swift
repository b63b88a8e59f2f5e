/// What a point of OTLP is to the sink. Of these there is one for each series, so it is small.
struct PointEntry {
    struct Flags: OptionSet {
        let rawValue: UInt8

        /// The point has more than one series, or one that says when it began.
        static let hasList = Flags(rawValue: 1)
        static let hasCreated = Flags(rawValue: 2)
        static let isGauge = Flags(rawValue: 4)
        /// Exemplars of the point are sent.
        static let exemplars = Flags(rawValue: 8)
    }

    /// The point's series or, if it has a list, that one's place.
    let number: UInt32
    /// How large the point is without exemplars: its numbers have a fixed size, so one that is as
    /// large as the last one without has none either and need not be searched.
    var plainSize = UInt32.max
    let flags: Flags

    init(number: UInt32, flags: Flags) {
        self.number = number
        self.flags = flags
    }
}

/// The series of a point that has several.
struct PointSeries {
    /// In the order in which the point gives their values.
    var all: [UInt32]
    /// The series `_created`.
    var created = SeriesStore.none
}
