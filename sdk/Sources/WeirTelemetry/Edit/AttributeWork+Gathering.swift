// Which attributes of a message the plan names.
extension AttributeWork {
    /// Where `gather` has to begin: what lies before it cannot be an attribute that the plan names.
    /// The end of the message, where nothing in it can: so it is with most.
    @inline(__always)
    func firstOfInterest(
        _ bytes: RawSpan, _ content: Range<Int>, _ number: Int, _ plan: AttributePlan
    ) -> Int {
        guard !plan.hasPredicates else { return content.lowerBound }
        var reader = WireReader(bytes, at: content.lowerBound, end: content.upperBound)
        while true {
            skipOthers(&reader, number, plan)
            let position = reader.position
            guard position < reader.end, let tag = reader.nextTag(), tag.number != number,
                reader.skip(tag)
            else { return position }
        }
    }

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
            isUsed = true
            matches.append(Match(slot: slot, field: start..<reader.position, value: value))
        }
        return reader.isAtEnd
    }

    /// Moves past what does not matter and stands there in its shortest form: fields that are no
    /// attributes, and attributes whose keys have a length that no key of the plan has. What it
    /// stops at must be looked at the general way.
    @inline(__always)
    private func skipOthers(_ reader: inout WireReader, _ number: Int, _ plan: AttributePlan) {
        let lengths = plan.lengths
        let attribute = UInt32(truncatingIfNeeded: number << 3 | 2)
        let end = reader.end
        var at = reader.position
        while end &- at >= 6 {
            let head = reader.word(at)
            let tag = head & 0xff
            let next = Int(head >> 8 & 0xff)
            let size: Int
            if tag == attribute {
                let keyCount = Int(head >> 24)
                let rest = next &- 2 &- keyCount
                // A length of one byte, then the key, then the value, and nothing else.
                guard head & 0xff_8000 == 0x0a_0000, rest >= 2, end &- at &- 2 >= next,
                    lengths &>> UInt64(keyCount & 63) & 1 == 0,
                    Int(reader.pair(at &+ 4 &+ keyCount)) == 0x12 | (rest &- 2) &<< 8
                else { break }
                size = 2 &+ next
            } else {
                guard tag >= 8, tag < 0x80, (tag ^ attribute) > 7 else { break }
                switch tag & 7 {
                case 0 where next < 0x80: size = 2
                case 1: size = 9
                case 2 where next < 0x80: size = 2 &+ next
                default: size = Int.max
                }
                guard size <= end &- at else { break }
            }
            at &+= size
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
