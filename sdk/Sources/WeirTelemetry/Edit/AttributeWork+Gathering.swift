// Which attributes of a message the plan names.
extension AttributeWork {
    /// Notes the attributes that the plan names.
    mutating func gather(
        _ bytes: RawSpan, _ content: Range<Int>, _ number: Int, _ plan: AttributePlan
    ) -> Bool {
        var reader = WireReader(bytes, at: content.lowerBound, end: content.upperBound)
        while true {
            if !plan.hasPredicates { skipOthers(&reader, number, plan) }
            guard let tag = reader.nextTag() else { break }
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

    /// Moves past attributes in their usual form whose keys have a length that no key of the plan
    /// has: most of all attributes.
    @inline(__always)
    private func skipOthers(_ reader: inout WireReader, _ number: Int, _ plan: AttributePlan) {
        let tag = UInt8(truncatingIfNeeded: number << 3 | 2)
        let lengths = plan.lengths
        var at = reader.position
        while reader.end &- at >= 6, reader.byte(at) == tag {
            let count = Int(reader.byte(at &+ 1))
            guard count < 0x80, count >= 4, reader.end &- at &- 2 >= count,
                reader.byte(at &+ 2) == 0x0a
            else { break }
            let keyCount = Int(reader.byte(at &+ 3))
            let rest = count &- 2 &- keyCount
            guard rest >= 2, reader.byte(at &+ 4 &+ keyCount) == 0x12,
                Int(reader.byte(at &+ 5 &+ keyCount)) == rest &- 2,
                lengths >> UInt64(keyCount & 63) & 1 == 0
            else { break }
            at &+= 2 &+ count
        }
        reader.position = at
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
}
