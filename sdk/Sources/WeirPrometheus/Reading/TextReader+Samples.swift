import WeirTelemetry

extension TextReader {
    /// A line with a sample, from its first byte that is not blank.
    @_lifetime(self: copy self)
    mutating func sample() throws(ReadFailure) {
        let start = position
        var hasName = false
        if ByteClass.of(bytes.byte(at: start)).contains(.nameStart) {
            position &+= 1
            while position < bytes.byteCount,
                ByteClass.of(bytes.byte(at: position)).contains(.name)
            {
                position &+= 1
            }
            hasName = true
            if !isOpenMetrics { skipBlanks() }
        } else if bytes.byte(at: start) != UInt8(ascii: "{") {
            throw ReadFailure(
                start,
                isOpenMetrics
                    ? "a metric's name, \"{\" or \"# \"" : "a metric's name, \"{\" or \"#\"")
        }
        if current == UInt8(ascii: "{") {
            position &+= 1
            hasName = try scanLabels(hasName: hasName)
        }
        guard hasName else {
            throw ReadFailure(start, "a metric's name", found: "a series without one")
        }
        if isOpenMetrics {
            try blank(before: "a blank and the value")
        } else {
            skipBlanks()
        }
        series = start..<position
        try sampleTail()
    }

    /// From the value to behind the end of the line.
    @_lifetime(self: copy self)
    @inline(__always)
    mutating func sampleTail() throws(ReadFailure) {
        timestamp = nil
        exemplar = nil
        guard let number = bytes.decimal(at: position) else { throw notANumber() }
        value = number.value
        let end = number.end
        // The usual end of a line.
        if end < bytes.byteCount, bytes.byte(at: end) == UInt8(ascii: "\n") {
            position = end &+ 1
        } else {
            try sampleRest(from: end)
        }
    }

    @_lifetime(self: copy self)
    private mutating func sampleRest(from end: Int) throws(ReadFailure) {
        if end < bytes.byteCount {
            let byte = bytes.byte(at: end)
            guard byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") && !isOpenMetrics else {
                throw notANumber()
            }
        }
        position = end
        if isOpenMetrics { return try openMetricsRest() }
        skipBlanks()
        if position < bytes.byteCount, bytes.byte(at: position) != UInt8(ascii: "\n") {
            timestamp = try milliseconds()
            skipBlanks()
        }
        guard position == bytes.byteCount || current == UInt8(ascii: "\n") else {
            throw ReadFailure(position, "the end of the line")
        }
        position &+= position < bytes.byteCount ? 1 : 0
    }

    @_lifetime(self: copy self)
    private mutating func openMetricsRest() throws(ReadFailure) {
        try blank(before: "the end of the line, which \"# EOF\" has to follow")
        if current != UInt8(ascii: "#") {
            timestamp = nanoseconds(try seconds("a timestamp in seconds, or an exemplar"))
            if current == UInt8(ascii: "\n") {
                position &+= 1
                return
            }
            try blank(before: "the end of the line")
        }
        guard bytes.has("# {", at: position) else {
            throw ReadFailure(position, "an exemplar: \"# {\"")
        }
        position &+= 3
        try scanExemplar()
        guard position < bytes.byteCount, current == UInt8(ascii: "\n") else {
            throw ReadFailure(position, "the end of the line, which \"# EOF\" has to follow")
        }
        position &+= 1
    }

    @_lifetime(self: copy self)
    private mutating func scanExemplar() throws(ReadFailure) {
        let labels = position
        _ = try scanLabels(hasName: true, inExemplar: true)
        var exemplar = ExemplarText(labels: labels..<position &- 1, value: 0, timestamp: nil)
        try blank(before: "a blank and the exemplar's value")
        guard let number = bytes.decimal(at: position) else { throw notANumber() }
        exemplar.value = number.value
        position = number.end
        if current == UInt8(ascii: " ") {
            position &+= 1
            exemplar.timestamp = try seconds("the exemplar's timestamp in seconds")
        }
        self.exemplar = exemplar
    }

    /// OpenMetrics' single blank.
    @_lifetime(self: copy self)
    @inline(__always)
    private mutating func blank(before expected: StaticString) throws(ReadFailure) {
        guard current == UInt8(ascii: " ") else { throw ReadFailure(position, expected) }
        position &+= 1
    }

    /// Prometheus' timestamp: whole milliseconds, digits only.
    @_lifetime(self: copy self)
    private mutating func milliseconds() throws(ReadFailure) -> Int64 {
        let start = position
        var value: Int64 = 0
        while position < bytes.byteCount {
            let digit = bytes.byte(at: position) &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(Int64(digit))
            guard !tooLarge, !overflow else {
                throw ReadFailure(start, "a timestamp in milliseconds", found: "too large a number")
            }
            value = sum
            position &+= 1
        }
        guard position > start else {
            throw ReadFailure(position, "a timestamp in milliseconds or the end of the line")
        }
        let (nanoseconds, overflow) = value.multipliedReportingOverflow(by: 1_000_000)
        // Whatever it means, it is out of bounds.
        return overflow ? .max : nanoseconds
    }

    @_lifetime(self: copy self)
    private mutating func seconds(_ expected: StaticString) throws(ReadFailure) -> Double {
        guard let number = bytes.decimal(at: position), number.value.isFinite else {
            throw ReadFailure(position, expected)
        }
        position = number.end
        return number.value
    }

    private func notANumber() -> ReadFailure {
        ReadFailure(position, "a number: digits, Inf or NaN")
    }
}

/// Seconds as whole nanoseconds since 1970. A `Double` of today's time is exact to some 200 ns, so
/// that what was written with milliseconds or microseconds is taken to mean just that.
func nanoseconds(_ seconds: Double) -> Int64 {
    guard seconds.magnitude < 9e9 else { return seconds < 0 ? .min : .max }
    let milliseconds = (seconds * 1e3).rounded()
    if milliseconds / 1e3 == seconds { return Int64(milliseconds) * 1_000_000 }
    let microseconds = (seconds * 1e6).rounded()
    if microseconds / 1e6 == seconds { return Int64(microseconds) * 1000 }
    let whole = seconds.rounded(.down)
    return Int64(whole) * 1_000_000_000 + Int64(((seconds - whole) * 1e9).rounded())
}
