/// What `removeInvalidRecords` took out of a request.
public struct RecordRemoval: Sendable {
    /// The request without the invalid records.
    public var rewrite = Rewrite()
    /// Spans, data points or log records taken out; what to answer as `rejected_…`.
    public var removedItems = 0
    /// Why the first of them had to go, for the answer's `error_message`; empty when none had.
    public var reason = ""
}

/// Takes out of a request the spans, metrics or log records that hold a string which is not UTF-8
/// or an id of a wrong length; the rest keeps its bytes.
///
/// Receivers downstream refuse a whole request for one such record. Where the resource or the
/// scope itself is at fault, everything in it goes. Groups that lose all their records go too;
/// groups that were empty stay.
///
/// - Parameter bytes: a request that `scan` has accepted with the same limits.
public func removeInvalidRecords(
    _ bytes: RawSpan, as signal: Signal, limits: ScanLimits = ScanLimits()
) throws(WireError) -> RecordRemoval {
    var checker = RecordChecker(signal: signal, limits: limits)
    let (rewrite, removed) = try removeRecords(bytes, as: signal, limits: limits) {
        (type: MessageType, range: Range<Int>) in checker.isInvalid(bytes, range, type)
    }
    var removal = RecordRemoval(rewrite: rewrite, removedItems: removed)
    if let offset = checker.firstInvalid {
        let path = WirePath(to: offset, in: bytes, type: MessageType(requestOf: signal)).path
        removal.reason =
            "\(path) (byte \(offset)): found "
            + (checker.firstIsID
                ? "an id of a wrong length, expected 16 bytes for a trace, 8 for a span, or none"
                : "text that is not valid UTF-8")
    }
    return removal
}

/// Takes out the records that a predicate names: spans, log records or metrics, by their content.
///
/// Groups that lose all their records go too; groups that were empty stay.
///
/// - Returns: the rewrite, and how many spans, data points or log records are gone.
public func removeRecords(
    _ bytes: RawSpan, as signal: Signal, where shouldRemove: (RawSpan) -> Bool
) throws(WireError) -> (rewrite: Rewrite, removedItems: Int) {
    let record = MessageType.record(of: signal)
    return try removeRecords(bytes, as: signal, limits: ScanLimits()) {
        (type: MessageType, range: Range<Int>) in
        type == record && shouldRemove(unsafe bytes.extracting(unchecked: range))
    }
}

/// The predicate sees each record's content, and each field of a group beside its children, tag
/// included, as a message of the group's type.
private func removeRecords(
    _ bytes: RawSpan, as signal: Signal, limits: ScanLimits,
    where shouldRemove: (MessageType, Range<Int>) -> Bool
) throws(WireError) -> (Rewrite, Int) {
    var walk = RemovalWalk(limits: limits)
    walk.rewrite.begin(count: bytes.byteCount)
    let whole = 0..<bytes.byteCount
    guard
        walk.run(bytes, whole, MessageType(requestOf: signal), shouldRemove) != nil
    else { throw malformed(bytes, signal) }
    return (walk.rewrite, walk.removedItems)
}

/// The error for bytes that a walk could not follow, as the scan would put it.
func malformed(_ bytes: RawSpan, _ signal: Signal) -> WireError {
    do throws(WireError) {
        _ = try scan(bytes, as: signal, limits: ScanLimits(anyValueDepth: 1000))
    } catch {
        return error
    }
    return WireError(
        offset: 0, path: "", found: "a structure that cannot be followed",
        expected: "a request that scan has accepted")
}

private struct RemovalWalk {
    let limits: ScanLimits
    var rewrite = Rewrite()
    var removedItems = 0

    enum Outcome { case kept, emptied, poisoned }

    /// Walks one request or group; `nil` where it is malformed.
    mutating func run(
        _ bytes: RawSpan, _ range: Range<Int>, _ type: MessageType,
        _ shouldRemove: (MessageType, Range<Int>) -> Bool
    ) -> Outcome? {
        let isRequest = type.rawValue <= MessageType.logsRequest.rawValue
        let children = isRequest ? 1 : 2
        guard case .message(let child)? = type.field(number: children)?.kind else { return nil }
        let isRecord = child == .span || child == .metric || child == .logRecord
        var reader = WireReader(bytes, at: range.lowerBound, end: range.upperBound)
        var kept = 0
        var removed = 0
        while let tag = reader.nextTag() {
            let start = reader.fieldStart
            guard tag.number == children, tag.wireType == .bytes else {
                guard reader.skip(tag) else { return nil }
                if !isRequest, shouldRemove(type, start..<reader.position) { return .poisoned }
                continue
            }
            let lengthAt = reader.position
            guard let content = reader.readRange() else { return nil }
            let field = start..<content.upperBound
            if isRecord {
                if shouldRemove(child, content) {
                    rewrite.remove(field)
                    removedItems += itemCount(of: child, in: bytes, content, limits)
                    removed += 1
                } else {
                    kept += 1
                }
                continue
            }
            let open = rewrite.open()
            let removedBefore = removedItems
            guard let outcome = run(bytes, content, child, shouldRemove) else { return nil }
            switch outcome {
            case .kept:
                rewrite.close(open, lengthAt: lengthAt, content: content)
                kept += 1
            case .emptied:
                rewrite.remove(open, field: field)
                removed += 1
            case .poisoned:
                rewrite.remove(open, field: field)
                removed += 1
                removedItems = removedBefore + itemCount(of: child, in: bytes, content, limits)
            }
        }
        guard reader.isAtEnd else { return nil }
        return kept == 0 && removed > 0 && !isRequest ? .emptied : .kept
    }
}

private func itemCount(
    of type: MessageType, in bytes: RawSpan, _ range: Range<Int>, _ limits: ScanLimits
) -> Int {
    let inside = scanPart(bytes, range, type, limits).summary.items
    return type.isItem ? inside + 1 : inside
}

/// Scans one message inside a request.
private func scanPart(
    _ bytes: RawSpan, _ range: Range<Int>, _ type: MessageType, _ limits: ScanLimits
) -> Scanner {
    unsafe bytes.withUnsafeBytes { buffer in
        let base = unsafe buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
        var scanner = unsafe Scanner(
            base + range.lowerBound, count: range.count, limits: limits)
        _ = scanner.run(type)
        return scanner
    }
}

private struct RecordChecker {
    let signal: Signal
    let limits: ScanLimits
    var firstInvalid: Int?
    var firstIsID = false

    mutating func isInvalid(_ bytes: RawSpan, _ range: Range<Int>, _ type: MessageType) -> Bool {
        guard !range.isEmpty else { return false }
        let scanner = scanPart(bytes, range, type, limits)
        guard scanner.summary.hasInvalidRecords else { return false }
        if firstInvalid == nil, let offset = scanner.firstInvalid {
            firstInvalid = range.lowerBound + offset
            firstIsID = scanner.firstIsID
        }
        return true
    }
}
