/// The one pass over a request. This file is one of the few that use unsafe pointers: a trial
/// over `RawSpan` took over a third longer, and this runs over every byte received.
///
/// Every read is preceded by a comparison with the end of the message or, for 8-byte loads, with
/// the end of the whole request.
@safe struct Scanner {
    private let table: UnsafePointer<UInt8>
    private let base: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    private let maxDepth: Int
    private(set) var summary = ScanSummary()
    private(set) var failure: ScanFailure?
    /// Where the first invalid string or id stands, and which of the two it is.
    private(set) var firstInvalid: Int?
    private(set) var firstIsID = false

    typealias Position = UnsafePointer<UInt8>

    init(_ base: UnsafePointer<UInt8>, count: Int, limits: ScanLimits) {
        unsafe self.base = base
        unsafe end = base + count
        unsafe table = scanTable
        maxDepth = min(max(limits.anyValueDepth, 0), 1000)
    }

    /// Scans the whole; `false` when `failure` says why not.
    mutating func run(_ type: MessageType) -> Bool {
        unsafe message(Int(type.rawValue), base, end, 0)
    }

    private mutating func fail(_ reason: ScanFailure.Reason, _ at: Position) -> Bool {
        unsafe failure = ScanFailure(reason: reason, offset: at - base)
        return false
    }

    /// Reads the varint at `p` and moves past it. Returns `nil` after recording a failure.
    @inline(__always)
    private mutating func varint(_ p: inout Position, _ limit: Position) -> UInt64? {
        if unsafe p < limit {
            let byte = unsafe p.pointee
            if byte < 0x80 {
                unsafe p += 1
                return UInt64(byte)
            }
        }
        return unsafe longVarint(&p, limit)
    }

    @inline(never)
    private mutating func longVarint(_ p: inout Position, _ limit: Position) -> UInt64? {
        let start = unsafe p
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while unsafe p < limit {
            let byte = unsafe p.pointee
            unsafe p += 1
            // The tenth byte has room for one bit; parsers drop the rest, so does this one.
            value |= UInt64(byte & 0x7f) &<< shift
            if byte < 0x80 { return value }
            shift += 7
            if shift == 70 {
                _ = unsafe fail(.longVarint, start)
                return nil
            }
        }
        _ = unsafe fail(.truncatedVarint, start)
        return nil
    }

    /// Reads a length and checks that as much is left in the enclosing message.
    @inline(__always)
    private mutating func length(_ p: inout Position, _ limit: Position) -> Int? {
        let start = unsafe p
        guard let value = unsafe varint(&p, limit) else { return nil }
        let left = unsafe limit - p
        guard value <= UInt64(UInt(bitPattern: left)) else {
            _ = unsafe fail(.lengthBeyondEnd(length: value, left: left), start)
            return nil
        }
        return Int(truncatingIfNeeded: value)
    }

    private mutating func message(
        _ type: Int, _ start: Position, _ limit: Position, _ depth: Int
    ) -> Bool {
        var p = unsafe start
        let row = unsafe table + type << 8
        while unsafe p < limit {
            let fieldStart = unsafe p
            guard let tag = unsafe varint(&p, limit) else { return false }
            let action: UInt8
            if tag < 256 {
                action = unsafe row[Int(truncatingIfNeeded: tag)]
            } else {
                action = ScanAction.unknown
            }
            switch action {
            case ScanAction.varint:
                guard unsafe varint(&p, limit) != nil else { return false }
            case ScanAction.fixed64:
                guard unsafe limit - p >= 8 else {
                    return unsafe fail(.truncatedFixed(8, left: limit - p), p)
                }
                unsafe p += 8
            case ScanAction.fixed32:
                guard unsafe limit - p >= 4 else {
                    return unsafe fail(.truncatedFixed(4, left: limit - p), p)
                }
                unsafe p += 4
            case ScanAction.string:
                guard let count = unsafe length(&p, limit) else { return false }
                if unsafe !isASCII(p, count) {
                    unsafe checkUTF8(p, count)
                }
                unsafe p += count
            case ScanAction.bytes:
                guard let count = unsafe length(&p, limit) else { return false }
                unsafe p += count
            case ScanAction.traceID, ScanAction.spanID:
                guard let count = unsafe length(&p, limit) else { return false }
                let expected = action == ScanAction.traceID ? 16 : 8
                if count != expected, count != 0 { unsafe noteInvalid(p, isID: true) }
                unsafe p += count
            case ScanAction.keyValue:
                // Attributes come one after the other: the run is read here, without the table.
                var isRun = true
                while isRun {
                    guard let count = unsafe length(&p, limit) else { return false }
                    if unsafe !simpleKeyValue(p, count) {
                        guard unsafe message(type: action, p, count, depth) else { return false }
                    }
                    unsafe p += count
                    isRun = unsafe p < limit && tag < 0x80 && UInt64(p.pointee) == tag
                    if isRun { unsafe p += 1 }
                }
            case ScanAction.packedFixed64:
                guard let count = unsafe length(&p, limit) else { return false }
                guard count & 7 == 0 else {
                    return unsafe fail(.packedLength(count), fieldStart)
                }
                unsafe p += count
            case ScanAction.packedVarints:
                guard let count = unsafe length(&p, limit) else { return false }
                let packedEnd = unsafe p + count
                while unsafe p < packedEnd {
                    guard unsafe varint(&p, packedEnd) != nil else { return false }
                }
            case ScanAction.unknown:
                guard unsafe skipUnknown(tag, fieldStart, &p, limit) else { return false }
            case ScanAction.invalid:
                return unsafe fail(.tag(tag), fieldStart)
            default:
                guard let count = unsafe length(&p, limit) else { return false }
                guard unsafe message(type: action, p, count, depth) else { return false }
                unsafe p += count
            }
        }
        return true
    }

    /// A nested message: counts what is counted and keeps the depth.
    @inline(__always)
    private mutating func message(
        type action: UInt8, _ p: Position, _ count: Int, _ depth: Int
    ) -> Bool {
        let type = action &- ScanAction.message
        if type <= MessageType.summaryDataPoint.rawValue {
            if type >= MessageType.span.rawValue {
                summary.items &+= 1
            } else if type < MessageType.scopeSpans.rawValue {
                summary.resources &+= 1
            }
        }
        var depth = depth
        if type == MessageType.anyValue.rawValue {
            depth += 1
            if depth > maxDepth { return unsafe fail(.depth(maxDepth), p) }
        }
        return unsafe message(Int(type), p, p + count, depth)
    }

    /// Whether the bytes are `key`, then `value` with exactly one scalar in it, everything of one
    /// byte's length, and the text ASCII: nearly every attribute there is. `false` means only that
    /// the general way must look.
    @inline(__always)
    private func simpleKeyValue(_ p: Position, _ count: Int) -> Bool {
        guard maxDepth > 0, count >= 6, count < 128, unsafe p[0] == 0x0a else { return false }
        let keyCount = unsafe Int(p[1])
        // Six: both tags and lengths, and of the value a tag and the least that it can have.
        guard keyCount &+ 6 <= count else { return false }
        let value = unsafe p + keyCount + 2
        let valueCount = UInt32(truncatingIfNeeded: count &- keyCount &- 4)
        let head = unsafe UInt32(
            littleEndian: UnsafeRawPointer(value).loadUnaligned(as: UInt32.self))
        let start = 0x12 | valueCount &<< 8
        // All lengths are below 128 and all tags ASCII: one look at the whole does.
        if head == start | 0x0a_0000 | (valueCount &- 2) &<< 24 {
            return unsafe isASCII(p, count)
        }
        guard head & 0xffff == start else { return false }
        switch UInt8(truncatingIfNeeded: head &>> 16) {
        case 0x10, 0x18:
            let digits = Int(valueCount) &- 1
            guard digits <= 10 else { return false }
            for index in 0..<(digits &- 1) {
                guard unsafe value[3 &+ index] >= 0x80 else { return false }
            }
            guard unsafe value[2 &+ digits] < 0x80 else { return false }
        case 0x21:
            guard valueCount == 9 else { return false }
        default:
            return false
        }
        return unsafe isASCII(p + 2, keyCount)
    }

    /// Sixteen bytes at a time; what is left over is read with the bytes before it, and where there
    /// are none with the bytes after it, and masked.
    @inline(__always)
    private func isASCII(_ p: Position, _ count: Int) -> Bool {
        let raw = unsafe UnsafeRawPointer(p)
        var found: UInt64 = 0
        if count >= 16 {
            typealias Words = SIMD2<UInt64>
            var words = unsafe raw.loadUnaligned(fromByteOffset: count &- 16, as: Words.self)
            var index = 0
            while index &+ 16 < count {
                unsafe words |= raw.loadUnaligned(fromByteOffset: index, as: Words.self)
                index &+= 16
            }
            found = words[0] | words[1]
        } else if count >= 8 {
            unsafe found = raw.loadUnaligned(as: UInt64.self)
            unsafe found |= raw.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        } else if unsafe end - p >= 8 {
            let word = unsafe raw.loadUnaligned(as: UInt64.self).littleEndian
            found = word & (UInt64(1) &<< UInt64(count &* 8) &- 1)
        } else {
            for index in 0..<count { unsafe found |= UInt64(p[index]) }
        }
        return found & 0x8080_8080_8080_8080 == 0
    }

    @inline(never)
    private mutating func checkUTF8(_ p: Position, _ count: Int) {
        if unsafe !isUTF8(UnsafeBufferPointer(start: p, count: count)) {
            unsafe noteInvalid(p, isID: false)
        }
    }

    @inline(never)
    private mutating func noteInvalid(_ p: Position, isID: Bool) {
        if isID { summary.hasInvalidID = true } else { summary.hasInvalidUTF8 = true }
        if firstInvalid == nil {
            unsafe firstInvalid = p - base
            firstIsID = isID
        }
    }

    @inline(never)
    private mutating func skipUnknown(
        _ tag: UInt64, _ start: Position, _ p: inout Position, _ limit: Position
    ) -> Bool {
        guard tag <= UInt32.max, tag >= 8 else { return unsafe fail(.tag(tag), start) }
        switch WireType(rawValue: UInt8(truncatingIfNeeded: tag & 7)) {
        case .varint:
            guard unsafe varint(&p, limit) != nil else { return false }
        case .fixed64:
            guard unsafe limit - p >= 8 else {
                return unsafe fail(.truncatedFixed(8, left: limit - p), p)
            }
            unsafe p += 8
        case .fixed32:
            guard unsafe limit - p >= 4 else {
                return unsafe fail(.truncatedFixed(4, left: limit - p), p)
            }
            unsafe p += 4
        case .bytes:
            guard let count = unsafe length(&p, limit) else { return false }
            unsafe p += count
        case nil:
            return unsafe fail(.tag(tag), start)
        }
        summary.hasUnknownFields = true
        return true
    }
}

/// The table, made once, never changed and never freed: a pointer spares the scan array checks.
private nonisolated(unsafe) let scanTable: UnsafePointer<UInt8> = {
    let table = makeScanTable()
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: table.count)
    unsafe memory.initialize(from: table, count: table.count)
    return unsafe UnsafePointer(memory)
}()
