import WeirTelemetry

/// Random requests from a seed: fields in any order, unknown ones between them, varints longer than
/// they need be, singular fields twice, numbers packed and not.
struct RandomRequest: RandomNumberGenerator {
    private var state: UInt64
    /// What a message may look like beside the plain form.
    var isPlain = false
    /// Only one case of each `oneof`, as every sender would have it.
    var hasOneCase = false

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func request(_ signal: Signal) -> [UInt8] {
        message(MessageType(requestOf: signal), depth: 0)
    }

    mutating func message(_ type: MessageType, depth: Int) -> [UInt8] {
        var fields: [[UInt8]] = []
        let cases = type.fields.filter { $0.cardinality == .oneof }.map(\.number)
        let oneCase = isPlain || hasOneCase ? cases.randomElement(using: &self) : nil
        for field in type.fields {
            if field.cardinality == .oneof, let oneCase, field.number != oneCase { continue }
            // Structure is kept likely, depth unlikely, or requests were empty or endless.
            var isMessage = false
            if case .message = field.kind { isMessage = true }
            let percent = depth < 5 ? 80 : isMessage && depth > 7 ? 25 : 50
            guard chance(percent), depth < 14 else { continue }
            let times =
                field.isRepeated
                ? Int.random(in: 1...3, using: &self) : (!isPlain && chance(8) ? 2 : 1)
            for _ in 0..<times { fields.append(wire(field, depth)) }
        }
        if !isPlain {
            while chance(10) { fields.append(unknown()) }
            fields.shuffle(using: &self)
        }
        return fields.flatMap { $0 }
    }

    private mutating func size() -> Int {
        !isPlain && chance(5) ? Int.random(in: 2...5, using: &self) : 1
    }

    private mutating func lengthDelimited(_ number: Int, _ content: [UInt8]) -> [UInt8] {
        tag(number, 2, size: size()) + varint(UInt64(content.count), size: size()) + content
    }

    private mutating func wire(_ field: Field, _ depth: Int) -> [UInt8] {
        if case .message(let type) = field.kind {
            let content = message(type, depth: depth + 1)
            return lengthDelimited(field.number, content)
        }
        if field.kind.wireType == .bytes {
            let content = text(field.kind)
            return lengthDelimited(field.number, content)
        }
        if field.isRepeated, isPlain || chance(70) {
            let count = Int.random(in: 0...6, using: &self)
            let content = (0..<count).flatMap { _ in number(field.kind) }
            return lengthDelimited(field.number, content)
        }
        let type = UInt64(field.kind.wireType.rawValue)
        return tag(field.number, type, size: size()) + number(field.kind)
    }

    private mutating func number(_ kind: FieldKind) -> [UInt8] {
        let any = next() >> UInt64.random(in: 0..<64, using: &self)
        switch kind {
        case .double:
            let value = [0, 1.5, -2.25, .infinity, 1e300, 0.1].randomElement(using: &self)!
            return Array(field(1, fixed64: value.bitPattern).dropFirst())
        case .fixed64, .sfixed64: return Array(field(1, fixed64: any).dropFirst())
        case .fixed32: return Array(field(1, fixed64: any).dropFirst().prefix(4))
        case .bool: return varint(any & 1, size: size())
        case .enumeration: return varint(any & 3, size: size())
        case .uint32, .sint32: return varint(any & 0xffff_ffff, size: size())
        case .int32: return varint(any & 0x7fff_ffff, size: size())
        default: return varint(any, size: size())
        }
    }

    private mutating func text(_ kind: FieldKind) -> [UInt8] {
        switch kind {
        case .traceID, .spanID:
            let count = kind == .traceID ? 16 : 8
            return chance(10)
                ? [] : (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
        case .bytes: return (0..<Int.random(in: 0...9, using: &self)).map { UInt8($0 * 31) }
        default:
            // A few keys often, so that edits meet them, also twice.
            if chance(50) {
                return Array(["a", "b", "service.name"].randomElement(using: &self)!.utf8)
            }
            let pieces = ["x", "é", "😀", "\u{1}", "\"", "\\", "long-enough-for-words"]
            let count = Int.random(in: 0...8, using: &self)
            return Array((0..<count).map { _ in pieces.randomElement(using: &self)! }.joined().utf8)
        }
    }

    private mutating func unknown() -> [UInt8] {
        let number = [17, 31, 32, 1000, 536_870_911].randomElement(using: &self)!
        switch Int.random(in: 0..<4, using: &self) {
        case 0: return tag(number, 0) + varint(next(), size: size())
        case 1: return tag(number, 1) + [1, 2, 3, 4, 5, 6, 7, 8]
        case 2: return tag(number, 5) + [0xff, 0xfe, 0xfd, 0xfc]
        default: return tag(number, 2) + varint(3) + [0xff, 0, 0x80]
        }
    }
}
