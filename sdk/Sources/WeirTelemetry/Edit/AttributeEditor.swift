/// Applies a list of attribute edits to whole requests, in one pass for all of them.
///
/// Keep one per thread: it reuses its memory from request to request.
public struct AttributeEditor: Sendable {
    /// Which attributes are edited.
    public enum Level: Sendable {
        /// Those of each resource; one that is missing is made when something is added to it.
        case resource
        /// Those of each instrumentation scope, likewise.
        case scope
        /// Those of each span, log record or data point.
        case record
    }

    /// Decides, message by message on the way from the request to what is edited, whether to go in;
    /// `nil` leaves the message and all in it alone.
    ///
    /// It gets the depth (0: the entries of `resource_spans` and its siblings), the field's number,
    /// the message, and what it returned for the enclosing message (0 for the request).
    public typealias Selection =
        @Sendable (
            _ depth: Int, _ number: Int, _ message: RawSpan, _ outer: Int
        ) -> Int?

    let plan: AttributePlan
    let signal: Signal
    private let selection: Selection?
    let level: Level
    /// The field to go into at each depth, as bits by number; the last is the edited message.
    private let path: [UInt64]
    var work = AttributeWork()

    public init(
        _ edits: [AttributeEdit], of level: Level, in signal: Signal,
        where selection: Selection? = nil
    ) {
        self.selection = selection
        plan = AttributePlan(edits)
        work.slots = [AttributeWork.Slot](repeating: .init(), count: plan.keys.count)
        work.literals = [AttributeWork.Literal](repeating: .init(), count: edits.count)
        self.level = level
        self.signal = signal
        path =
            switch (level, signal) {
            case (.resource, _): [1 << 1]
            case (.scope, _): [1 << 1, 1 << 2]
            case (.record, .metrics):
                [1 << 1, 1 << 2, 1 << 2, 1 << 5 | 1 << 7 | 1 << 9 | 1 << 10 | 1 << 11, 1 << 1]
            case (.record, _): [1 << 1, 1 << 2, 1 << 2]
            }
    }

    /// Works out what the edits change in a request.
    ///
    /// - Parameters:
    ///   - bytes: a request that `scan` has accepted.
    ///   - rewrite: gets the result; when it is `isUnchanged` the original can be passed on.
    public mutating func edit(_ bytes: RawSpan, into rewrite: inout Rewrite) throws(WireError) {
        rewrite.begin(count: bytes.byteCount)
        work.begin()
        let attributes =
            switch (level, signal) {
            case (.resource, _): 1
            case (.scope, _): 3
            case (.record, .logs): 6
            case (.record, _): 9
            }
        let done = walk(
            bytes, WireReader(bytes), depth: 0, outer: 0, attributes, plan, &rewrite)
        if !done { throw malformed(bytes, signal) }
    }

    /// The changed request, or `nil` when nothing changes.
    public mutating func edit(_ bytes: RawSpan) throws(WireError) -> [UInt8]? {
        var rewrite = Rewrite()
        try edit(bytes, into: &rewrite)
        return rewrite.isUnchanged ? nil : rewrite.bytes(from: bytes)
    }

    /// - Parameter plan: always the editor's own. As a parameter it is retained once for a request,
    ///   as a property it would be for every record.
    private mutating func walk(
        _ bytes: RawSpan, _ start: WireReader, depth: Int, outer: Int, _ attributes: Int,
        _ plan: AttributePlan, _ rewrite: inout Rewrite
    ) -> Bool {
        var reader = start
        let wanted = path[depth]
        let selection = selection
        let isLast = depth + 1 == path.count
        while let tag = reader.nextTag() {
            guard tag.wireType == .bytes, tag.number < 64, wanted >> UInt64(tag.number) & 1 == 1
            else {
                guard reader.skip(tag) else { return false }
                continue
            }
            let lengthAt = reader.position
            guard let content = reader.readRange() else { return false }
            var inner = 0
            if let selection {
                let message = unsafe bytes.extracting(unchecked: content)
                guard let selected = selection(depth, tag.number, message, outer) else { continue }
                inner = selected
            }
            if isLast, level == .record {
                guard work.edit(bytes, lengthAt, content, attributes, plan, &rewrite)
                else { return false }
                continue
            }
            let open = rewrite.open()
            let done =
                isLast
                ? editSingular(bytes, content, attributes, &rewrite)
                : walk(
                    bytes, WireReader(bytes, at: content.lowerBound, end: content.upperBound),
                    depth: depth + 1, outer: inner,
                    depth == 3 ? pointAttributes(tag.number) : attributes, plan, &rewrite)
            guard done else { return false }
            rewrite.close(open, lengthAt: lengthAt, content: content)
        }
        return reader.isAtEnd
    }

    /// The number of the attributes in the points of a metric's data.
    private func pointAttributes(_ data: Int) -> Int {
        switch data {
        case 9: 9
        case 10: 1
        default: 7
        }
    }

    /// The resource or scope in field 1 of a group: there, missing, or several to be seen as one.
    private mutating func editSingular(
        _ bytes: RawSpan, _ group: Range<Int>, _ attributes: Int, _ rewrite: inout Rewrite
    ) -> Bool {
        work.beginMessage()
        var occurrences: [(lengthAt: Int, content: Range<Int>)] = []
        var reader = WireReader(bytes, at: group.lowerBound, end: group.upperBound)
        while let tag = reader.nextTag() {
            guard tag.number == 1, tag.wireType == .bytes else {
                guard reader.skip(tag) else { return false }
                continue
            }
            let lengthAt = reader.position
            guard let content = reader.readRange(), work.gather(bytes, content, attributes, plan)
            else { return false }
            occurrences.append((lengthAt, content))
        }
        guard reader.isAtEnd else { return false }
        work.resolve(bytes, plan)
        for (index, place) in occurrences.enumerated() {
            let open = rewrite.open()
            work.emitMatches(in: place.content, attributes, bytes, plan, &rewrite)
            if index == occurrences.count - 1 {
                work.emitAdditions(at: place.content.upperBound, attributes, bytes, plan, &rewrite)
            }
            rewrite.close(open, lengthAt: place.lengthAt, content: place.content)
        }
        if occurrences.isEmpty {
            work.emitMessage(at: group.lowerBound, attributes, bytes, plan, &rewrite)
        }
        return true
    }
}
