// What the edits of a message put in the place of what.
extension AttributeWork {
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
