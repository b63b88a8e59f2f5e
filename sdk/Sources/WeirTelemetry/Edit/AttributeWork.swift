/// The edits of one message after the other: which attributes matter, what becomes of them.
struct AttributeWork: Sendable {
    /// Where the bytes of a value, an `AnyValue`, are.
    enum Place: Sendable, Equatable {
        case absent
        case source(Range<Int>)
        case pool(Range<Int>)
        /// The value that an edit names.
        case literal(Int)
    }

    /// One key that the plan names, in the message at hand.
    struct Slot: Sendable {
        var value = Place.absent
        var isChanged = false
        var matches = 0
        /// The first match has been replaced; others of the same key go.
        var isWritten = false
    }

    /// An attribute in the message whose key the plan names (slot -1: a predicate deletes it).
    struct Match: Sendable {
        var slot: Int
        var field: Range<Int>
        var value: Place
    }

    /// The last encoding of an edit's value as an attribute field: the same for all records.
    struct Literal: Sendable {
        var number = 0
        var pool = 0..<0
    }

    var slots: [Slot] = []
    var matches: [Match] = []
    var literals: [Literal] = []
    /// Values made by edits on the way; they live as long as the message is at hand.
    var values: [UInt8] = []
    /// What a message gets that has none of the plan's attributes, in the pool: the same for all
    /// messages of one kind.
    private var additions: Literal?
    /// Whether slots or matches hold anything of the message at hand: for most they do not.
    var isUsed = false

    init() {}

    mutating func begin() {
        additions = nil
        for index in literals.indices { literals[index] = Literal() }
    }

    mutating func beginMessage() {
        if !values.isEmpty { values.removeAll(keepingCapacity: true) }
        guard isUsed else { return }
        isUsed = false
        matches.removeAll(keepingCapacity: true)
        for index in 0..<slots.count { slots[index] = Slot() }
    }

    /// Edits one record, whose length stands at `lengthAt`; `false` where it is malformed.
    @inline(__always)
    mutating func edit(
        _ bytes: RawSpan, _ lengthAt: Int, _ content: Range<Int>, _ number: Int,
        _ plan: AttributePlan, _ rewrite: inout Rewrite
    ) -> Bool {
        let first = firstOfInterest(bytes, content, number, plan)
        var isPlain = first == content.upperBound
        if !isPlain {
            beginMessage()
            guard gather(bytes, first..<content.upperBound, number, plan) else { return false }
            isPlain = matches.isEmpty
        }
        if isPlain, let additions, additions.number == number {
            if !additions.pool.isEmpty {
                rewrite.append(pool: additions.pool, to: content, lengthAt: lengthAt)
            }
            return true
        }
        if isPlain { beginMessage() }
        let open = rewrite.open()
        resolve(bytes, plan)
        emitMatches(in: content, number, bytes, plan, &rewrite)
        let splices = rewrite.splices.count
        emitAdditions(at: content.upperBound, number, bytes, plan, &rewrite)
        if isPlain, rewrite.splices.count <= splices + 1 {
            let pool = rewrite.splices.count == splices ? 0..<0 : rewrite.lastPool
            additions = Literal(number: number, pool: pool)
        }
        rewrite.close(open, lengthAt: lengthAt, content: content)
        return true
    }

    // MARK: What becomes of the values

    mutating func resolve(_ bytes: RawSpan, _ plan: AttributePlan) {
        isUsed = true
        for index in 0..<plan.edits.count {
            let (key, other) = plan.slots[index]
            switch plan.edits[index].action {
            case .insert(let source):
                if slots[key].value == .absent { set(key, source, index, other, bytes) }
            case .update(let source):
                if slots[key].value != .absent { set(key, source, index, other, bytes) }
            case .upsert(let source):
                set(key, source, index, other, bytes)
            case .delete:
                delete(key)
            case .deleteWhere(let names):
                for slot in 0..<slots.count {
                    let name = plan.keys[slot]
                    if unsafe names(UTF8Text(name.span.bytes)) { delete(slot) }
                }
            case .rename:
                guard slots[key].value != .absent, key != other else { continue }
                slots[other].value = slots[key].value
                slots[other].isChanged = true
                delete(key)
            case .hash(let digest):
                change(key, bytes, plan) { view in .string(hashed(view, digest)) }
            case .transform(let function):
                change(key, bytes, plan) { view in function(view) }
            }
        }
    }

    private mutating func set(
        _ key: Int, _ source: AttributeEdit.Source, _ edit: Int, _ other: Int, _ bytes: RawSpan
    ) {
        switch source {
        case .value: slots[key].value = .literal(edit)
        case .attribute:
            guard slots[other].value != .absent, other != key else { return }
            slots[key].value = slots[other].value
        }
        slots[key].isChanged = true
    }

    private mutating func delete(_ key: Int) {
        guard slots[key].value != .absent else { return }
        slots[key].value = .absent
        slots[key].isChanged = true
    }

    private mutating func change(
        _ key: Int, _ bytes: RawSpan, _ plan: AttributePlan,
        _ function: (borrowing AnyValueView) -> AttributeValue?
    ) {
        let result: AttributeValue?
        switch slots[key].value {
        case .absent: return
        case .source(let range):
            result = function(AnyValueView(unsafe bytes.extracting(unchecked: range)))
        case .pool(let range):
            result = function(AnyValueView(unsafe values.span.bytes.extracting(range)))
        case .literal(let edit):
            let encoded = plan.encodedValue(edit)
            result = function(AnyValueView(unsafe encoded.span.bytes))
        }
        guard let result else { return }
        let start = values.count
        result.append(to: &values)
        slots[key].value = .pool(start..<values.count)
        slots[key].isChanged = true
    }
}

/// The digest of a value as the Collector's attributes processor makes it.
private func hashed(_ view: borrowing AnyValueView, _ digest: (RawSpan) -> String) -> String {
    switch view.content {
    case .string(let text): return text.isEmpty ? "" : digest(text.bytes)
    case .bool(let flag):
        let byte: [UInt8] = [flag ? 1 : 0]
        return unsafe digest(byte.span.bytes)
    case .int(let number):
        let word = [number.littleEndian]
        return unsafe digest(word.span.bytes)
    case .double(let number):
        let word = [number.bitPattern.littleEndian]
        return unsafe digest(word.span.bytes)
    default: return ""
    }
}
