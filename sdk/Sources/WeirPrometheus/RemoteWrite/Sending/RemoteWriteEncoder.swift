import WeirTelemetry

/// Writes requests of remote write, one after the other, in memory that it keeps.
///
/// A series is begun, filled and ended; for the usual one with a single sample 1.0 has a shortcut.
/// A request that was begun ends with ``finish()``.
public struct RemoteWriteEncoder: Sendable {
    public let message: RemoteWriteMessage
    private var bytes: [UInt8] = []
    private var open = 0
    /// How large the next request is likely to be. Its memory is taken when it begins.
    private var usualSize = 0
    // Of 2.0: for each number of the symbol table the request that it was last used in, and its
    // place there.
    private var places: [UInt64] = []
    private var request: UInt64 = 0
    private var symbolBytes: [UInt8] = []
    private var symbolCount: UInt64 = 0
    /// Texts of exemplars, which are in no table.
    private var loose: [ExactText: UInt64] = [:]

    public init(_ message: RemoteWriteMessage) {
        self.message = message
        begin()
    }

    /// How large the request is so far.
    public var byteCount: Int { bytes.count + symbolBytes.count }

    private mutating func begin() {
        request += 1
        bytes.removeAll(keepingCapacity: true)
        symbolBytes.removeAll(keepingCapacity: true)
        loose.removeAll(keepingCapacity: true)
        // The first symbol is the empty text.
        symbolBytes.appendTag(4, .bytes)
        symbolBytes.append(0)
        symbolCount = 1
    }

    /// The request, uncompressed; the encoder begins the next one.
    public mutating func finish() -> [UInt8] {
        defer { begin() }
        guard message == .v1 else { return symbolBytes + bytes }
        // The memory goes with the request instead of a copy.
        let request = bytes
        bytes = []
        usualSize = request.count + request.count / 8
        return request
    }

    // MARK: Series

    /// A series with one sample.
    public mutating func series(
        _ number: UInt32, in labels: borrowing SentLabels, _ value: Double, at timestamp: Int64
    ) {
        guard message == .v1, labels.message == .v1, SampleTemplate.times.contains(timestamp)
        else {
            beginSeries(number, in: labels)
            sample(value, at: timestamp)
            return endSeries()
        }
        if bytes.isEmpty { bytes.reserveCapacity(usualSize) }
        labels.withBytes(of: number, more: SampleTemplate.sampleSize) { template in
            bytes.append(template, value, timestamp)
        }
    }

    /// Begins a series. Labels that are kept for 2.0 can be sent as 1.0, though not as fast.
    public mutating func beginSeries(_ number: UInt32, in labels: borrowing SentLabels) {
        precondition(
            message == .v1 || labels.message == .v2, "labels for 1.0 in a request of 2.0")
        if bytes.isEmpty { bytes.reserveCapacity(usualSize) }
        bytes.appendTag(message == .v1 ? 1 : 5, .bytes)
        open = bytes.beginLength()
        switch (message, labels.message) {
        case (.v1, .v1):
            labels.withBytes(of: number) { template in
                bytes.append(contentsOf: template.part(SampleTemplate.labels(template)))
            }
        case (.v1, .v2):
            var name: UInt32?
            labels.forEachReference(of: number) { reference in
                guard let known = name else { return name = reference }
                bytes.appendLabel(Label(labels.symbols[known], labels.symbols[reference]))
                name = nil
            }
        case (.v2, _):
            bytes.append(0x0a)
            let list = bytes.beginLength()
            labels.forEachReference(of: number) { reference in
                bytes.appendVarint(place(of: reference, labels.symbols))
            }
            bytes.endLength(list)
        }
    }

    public mutating func endSeries() { bytes.endLength(open) }

    public mutating func sample(_ value: Double, at timestamp: Int64, start: Int64 = 0) {
        bytes.append(0x12)
        let length = bytes.beginLength()
        bytes.append(0x09)
        bytes.appendFixed64(value.bitPattern)
        bytes.appendNonZero(2, varint: UInt64(bitPattern: timestamp))
        if message == .v2 { bytes.appendNonZero(3, varint: UInt64(bitPattern: start)) }
        bytes.endLength(length)
    }

    /// - Parameter histogram: as ``NativeHistogram/encoded()`` gives it.
    public mutating func histogram(_ histogram: [UInt8], start: Int64 = 0) {
        bytes.appendTag(message == .v1 ? 4 : 3, .bytes)
        let length = bytes.beginLength()
        bytes.append(contentsOf: histogram)
        if message == .v2 { bytes.appendNonZero(17, varint: UInt64(bitPattern: start)) }
        bytes.endLength(length)
    }

    public mutating func exemplar(_ exemplar: SentExemplar) {
        bytes.appendTag(message == .v1 ? 3 : 4, .bytes)
        let length = bytes.beginLength()
        switch message {
        case .v1: for label in exemplar.labels.all { bytes.appendLabel(label) }
        case .v2:
            bytes.append(0x0a)
            let list = bytes.beginLength()
            for label in exemplar.labels.all {
                bytes.appendVarint(place(ofLoose: label.name))
                bytes.appendVarint(place(ofLoose: label.value))
            }
            bytes.endLength(list)
        }
        bytes.appendField(2, fixed64: exemplar.value.bitPattern)
        bytes.appendNonZero(3, varint: UInt64(bitPattern: exemplar.timestamp))
        bytes.endLength(length)
    }

    // MARK: Metadata

    /// 1.0: what is known about a family; between series.
    public mutating func metadata(_ family: MetricFamily) {
        bytes.appendMessage(3) { entry in
            entry.appendNonZero(1, varint: family.type.wireValue)
            entry.appendField(2, family.name)
            if !family.help.isEmpty { entry.appendField(4, family.help) }
            if !family.unit.isEmpty { entry.appendField(5, family.unit) }
        }
    }

    /// 2.0: what is known about the family of the series that was begun.
    public mutating func metadata(
        _ type: MetricType, help: UInt32, unit: UInt32, in symbols: borrowing SymbolTable
    ) {
        bytes.append(0x2a)
        let length = bytes.beginLength()
        bytes.appendNonZero(1, varint: type.wireValue)
        if help != 0 { bytes.appendField(3, varint: place(of: help, symbols)) }
        if unit != 0 { bytes.appendField(4, varint: place(of: unit, symbols)) }
        bytes.endLength(length)
    }

    // MARK: Symbols

    private mutating func place(of number: UInt32, _ symbols: borrowing SymbolTable) -> UInt64 {
        if number == 0 { return 0 }
        let index = Int(number)
        if places.count <= index {
            places.append(contentsOf: repeatElement(0, count: symbols.capacity - places.count))
        }
        let known = places[index]
        if known >> 32 == request { return known & 0xffff_ffff }
        let place = add(symbols[number])
        places[index] = request << 32 | place
        return place
    }

    private mutating func place(ofLoose text: String) -> UInt64 {
        if text.isEmpty { return 0 }
        if let place = loose[ExactText(text)] { return place }
        let place = add(text)
        loose[ExactText(text)] = place
        return place
    }

    private mutating func add(_ text: String) -> UInt64 {
        symbolBytes.appendField(4, text)
        defer { symbolCount += 1 }
        return symbolCount
    }
}
