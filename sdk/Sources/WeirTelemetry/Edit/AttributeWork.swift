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
    private var values: [UInt8] = []

    init() {}

    mutating func begin() {
        for index in literals.indices { literals[index] = Literal() }
    }

    mutating func beginMessage() {
        matches.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        for index in 0..<slots.count { slots[index] = Slot() }
    }

    /// Edits one message; `false` where it is malformed.
    @inline(__always)
    mutating func edit(
        _ bytes: RawSpan, _ content: Range<Int>, _ number: Int, _ plan: AttributePlan,
        _ rewrite: inout Rewrite
    ) -> Bool {
        beginMessage()
        guard gather(bytes, content, number, plan) else { return false }
        resolve(bytes, plan)
        emitMatches(in: content, number, bytes, plan, &rewrite)
        emitAdditions(at: content.upperBound, number, bytes, plan, &rewrite)
        return true
    }

    /// Notes the attributes that the plan names.
    mutating func gather(
        _ bytes: RawSpan, _ content: Range<Int>, _ number: Int, _ plan: AttributePlan
    ) -> Bool {
        var reader = WireReader(bytes, at: content.lowerBound, end: content.upperBound)
        while let tag = reader.nextTag() {
            guard tag.number == number, tag.wireType == .bytes else {
                guard reader.skip(tag) else { return false }
                continue
            }
            let start = reader.fieldStart
            guard let attribute = reader.readRange(),
                let (key, value) = simpleAttribute(bytes, attribute)
                    ?? anyAttribute(bytes, attribute)
            else { return false }
            let name = unsafe bytes.extracting(unchecked: key)
            let slot = plan.slot(of: name)
            if slot >= 0 {
                if slots[slot].matches == 0 { slots[slot].value = value }
                slots[slot].matches += 1
            } else if !plan.hasPredicates || !isDeleted(name, plan) {
                continue
            }
            matches.append(Match(slot: slot, field: start..<reader.position, value: value))
        }
        return reader.isAtEnd
    }

    /// The key and the value where they stand one behind the other and alone, in the form that
    /// every sender uses; `nil` means only that the general way must look.
    @inline(__always)
    private func simpleAttribute(_ bytes: RawSpan, _ range: Range<Int>) -> (Range<Int>, Place)? {
        let fields = WireReader(bytes, at: range.lowerBound, end: range.upperBound)
        guard range.count >= 4, fields.byte(range.lowerBound) == 0x0a else { return nil }
        let keyCount = Int(fields.byte(range.lowerBound + 1))
        let keyStart = range.lowerBound + 2
        let rest = range.count - 2 - keyCount
        guard keyCount < 128, rest >= 2, rest < 130, fields.byte(keyStart + keyCount) == 0x12,
            Int(fields.byte(keyStart + keyCount + 1)) == rest - 2
        else { return nil }
        let valueStart = keyStart + keyCount + 2
        return (
            keyStart..<(keyStart + keyCount), .source(valueStart..<range.upperBound)
        )
    }

    /// The same for fields in any order and number; `nil` where they are malformed.
    private mutating func anyAttribute(
        _ bytes: RawSpan, _ range: Range<Int>
    ) -> (Range<Int>, Place)? {
        var key = range.lowerBound..<range.lowerBound
        var values: [Range<Int>] = []
        var fields = WireReader(bytes, at: range.lowerBound, end: range.upperBound)
        while let tag = fields.nextTag() {
            guard tag.wireType == .bytes, tag.number <= 2 else {
                guard fields.skip(tag) else { return nil }
                continue
            }
            guard let range = fields.readRange() else { return nil }
            if tag.number == 1 { key = range } else { values.append(range) }
        }
        guard fields.isAtEnd else { return nil }
        if values.count <= 1 {
            return (key, .source(values.first ?? range.upperBound..<range.upperBound))
        }
        // Several occurrences of one message mean their merge, which is their concatenation.
        let start = self.values.count
        for value in values {
            self.values.append(contentsOf: unsafe bytes.extracting(unchecked: value))
        }
        return (key, .pool(start..<self.values.count))
    }

    private func isDeleted(_ key: RawSpan, _ plan: AttributePlan) -> Bool {
        for edit in plan.edits {
            if case .deleteWhere(let names) = edit.action, names(UTF8Text(key)) { return true }
        }
        return false
    }

    // MARK: What becomes of the values

    mutating func resolve(_ bytes: RawSpan, _ plan: AttributePlan) {
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

    // MARK: What is written

    /// Replaces and removes the attributes of the message, or the part of it, at hand.
    mutating func emitMatches(
        in content: Range<Int>, _ number: Int, _ bytes: RawSpan, _ plan: AttributePlan,
        _ rewrite: inout Rewrite
    ) {
        for match in matches
        where match.field.lowerBound >= content.lowerBound
            && match.field.upperBound <= content.upperBound
        {
            guard match.slot >= 0 else {
                rewrite.remove(match.field)
                continue
            }
            guard slots[match.slot].isChanged else { continue }
            if slots[match.slot].value == .absent || slots[match.slot].isWritten {
                rewrite.remove(match.field)
                continue
            }
            slots[match.slot].isWritten = true
            // The same value again is no change, or an upsert would copy every request for nothing.
            if isValue(of: match.slot, match.value, bytes, plan) { continue }
            let field = encode(match.slot, number, bytes, plan, &rewrite)
            rewrite.replace(match.field, pool: field)
        }
    }

    /// Adds the attributes that were not there.
    mutating func emitAdditions(
        at offset: Int, _ number: Int, _ bytes: RawSpan, _ plan: AttributePlan,
        _ rewrite: inout Rewrite
    ) {
        for slot in 0..<slots.count
        where slots[slot].isChanged && slots[slot].matches == 0 && slots[slot].value != .absent {
            let field = encode(slot, number, bytes, plan, &rewrite)
            rewrite.replace(offset..<offset, pool: field)
        }
    }

    /// Adds a whole resource or scope, in field 1, if there is anything to put into it.
    mutating func emitMessage(
        at offset: Int, _ number: Int, _ bytes: RawSpan, _ plan: AttributePlan,
        _ rewrite: inout Rewrite
    ) {
        var fields: [Range<Int>] = []
        for slot in 0..<slots.count where slots[slot].value != .absent {
            fields.append(encode(slot, number, bytes, plan, &rewrite))
        }
        guard !fields.isEmpty else { return }
        let start = rewrite.pool.count
        rewrite.pool.appendTag(1, .bytes)
        rewrite.pool.appendVarint(UInt64(fields.reduce(0) { $0 + $1.count }))
        for field in fields { rewrite.pool.append(contentsOf: Array(rewrite.pool[field])) }
        rewrite.replace(offset..<offset, pool: start..<rewrite.pool.count)
    }

    private func isValue(
        of slot: Int, _ old: Place, _ bytes: RawSpan, _ plan: AttributePlan
    ) -> Bool {
        if slots[slot].value == old { return true }
        guard case .source(let range) = old else { return false }
        let old = unsafe bytes.extracting(unchecked: range)
        switch slots[slot].value {
        case .absent: return false
        case .source(let source):
            return old.hasSameBytes(as: unsafe bytes.extracting(unchecked: source))
        case .pool(let pool): return unsafe old.hasSameBytes(as: values.span.bytes.extracting(pool))
        case .literal(let edit):
            let encoded = plan.encodedValue(edit)
            return unsafe old.hasSameBytes(as: encoded.span.bytes)
        }
    }

    /// The attribute field of a slot, in the pool.
    private mutating func encode(
        _ slot: Int, _ number: Int, _ bytes: RawSpan, _ plan: AttributePlan,
        _ rewrite: inout Rewrite
    ) -> Range<Int> {
        if case .literal(let edit) = slots[slot].value, literals[edit].number == number,
            plan.slots[edit].key == slot
        {
            return literals[edit].pool
        }
        let start = rewrite.pool.count
        rewrite.pool.appendMessage(number) { field in
            field.appendField(1, plan.keys[slot])
            field.appendTag(2, .bytes)
            switch slots[slot].value {
            case .absent: break
            case .source(let range):
                field.appendVarint(UInt64(range.count))
                field.append(contentsOf: unsafe bytes.extracting(unchecked: range))
            case .pool(let range):
                field.appendVarint(UInt64(range.count))
                field.append(contentsOf: values[range])
            case .literal(let edit): field.appendField(value: plan.encodedValue(edit))
            }
        }
        let range = start..<rewrite.pool.count
        if case .literal(let edit) = slots[slot].value, plan.slots[edit].key == slot {
            literals[edit] = Literal(number: number, pool: range)
        }
        return range
    }
}

extension [UInt8] {
    fileprivate mutating func appendField(value: [UInt8]) {
        appendVarint(UInt64(value.count))
        append(contentsOf: value)
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
