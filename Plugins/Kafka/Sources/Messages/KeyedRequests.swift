import WeirTelemetry

/// Requests that came of one: each holds all items with the same key, in their order.
///
/// By trace id the key is the id in hexadecimal digits, as the Collector has it; by resource it is a
/// hash of the resource's attributes in any order. Items without a trace id have no key.
struct KeyedRequests {
    private let partitioning: Partitioning
    private let signal: Signal
    private var places: [RequestKey: Int] = [:]
    /// By place: pieces of the same key of several parts are one request when they are joined.
    private var requests: [(key: RequestKey, bytes: [UInt8])] = []

    /// - Precondition: not `none`, and `traceID` not for metrics, which have none.
    init(_ partitioning: Partitioning, _ signal: Signal) {
        precondition(partitioning != .none, "nothing to split by")
        precondition(partitioning != .traceID || signal != .metrics, "metrics have no trace id")
        self.partitioning = partitioning
        self.signal = signal
    }

    /// Takes apart one part of a batch.
    mutating func add(_ part: RawSpan) throws(WireError) {
        let unit: PartitionUnit = partitioning == .resource ? .resourceGroup : .record
        let pieces = try partition(part, as: signal, by: unit) { place in
            let bytes = part.extracting(place.unit)
            return request(
                for: partitioning == .resource ? .hash(resourceHash(bytes)) : traceKey(bytes))
        }
        for piece in pieces { requests[piece.target].bytes += piece.bytes(from: part) }
    }

    /// The requests that it makes, in the order in which their keys came.
    consuming func finish() -> [(key: [UInt8], bytes: [UInt8])] {
        requests.map { ($0.key.text, $0.bytes) }
    }

    private mutating func request(for key: RequestKey) -> Int {
        if let known = places[key] { return known }
        places[key] = requests.count
        requests.append((key, []))
        return requests.count - 1
    }

    private func traceKey(_ record: RawSpan) -> RequestKey {
        let id = signal == .traces ? SpanView(record).traceID : LogRecordView(record).traceID
        guard id.byteCount == 16 else { return .none }
        var bytes = WireReader(id)
        guard let first = bytes.readFixed64(), let second = bytes.readFixed64() else {
            return .none
        }
        return .traceID(first, second)
    }
}

/// What items of one message share.
enum RequestKey: Hashable {
    case none
    /// The id's bytes, read as little-endian numbers.
    case traceID(UInt64, UInt64)
    case hash(UInt64)

    /// The key as it stands in the message; empty: the message has none.
    var text: [UInt8] {
        switch self {
        case .none: []
        case .traceID(let first, let second):
            hexadecimal(first.byteSwapped) + hexadecimal(second.byteSwapped)
        case .hash(let value): hexadecimal(value)
        }
    }
}

private func hexadecimal(_ value: UInt64) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return (0..<16).map { digits[Int(truncatingIfNeeded: value >> (60 - 4 * $0)) & 15] }
}

/// A number that is the same for the same attributes in any order, in every process.
func resourceHash(_ group: RawSpan) -> UInt64 {
    var hashes: [UInt64] = []
    var attributes = ResourceGroupView(group).resource.attributes
    while let attribute = attributes.nextBytes() { hashes.append(fnv1a(attribute)) }
    hashes.sort()
    var bytes: [UInt8] = []
    for hash in hashes {
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: hash >> (shift * 8))) }
    }
    return unsafe fnv1a(bytes.span.bytes)
}

/// FNV-1a with 64 bits (RFC 9923).
private func fnv1a(_ bytes: RawSpan) -> UInt64 {
    unsafe bytes.withUnsafeBytes { bytes in
        unsafe bytes.reduce(0xcbf2_9ce4_8422_2325) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
    }
}
