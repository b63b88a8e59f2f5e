import CWeirSystem
import Glibc

/// Reads a segment record by record and says what is there. Finds its place again after bytes that
/// are no record.
struct SegmentScan {
    enum Finding: Equatable {
        case record(RecordHeader, offset: UInt64)
        /// Bytes that were written and are not what they were.
        case damaged(offset: UInt64, bytes: UInt64, reason: String)
        /// The end of the file, where a write was not finished.
        case torn(offset: UInt64, bytes: UInt64)
    }

    private let file: OpenFile
    private let size: UInt64
    /// `nil`: the segment's header is damaged; the first record tells.
    private var salt: UInt32?
    private var lastID: UInt64
    private(set) var findings: [Finding] = []

    /// - Parameter lastID: of the record before `start`; ids grow.
    init(_ file: OpenFile, size: UInt64, salt: UInt32?, lastID: UInt64 = 0) {
        self.file = file
        self.size = size
        self.salt = salt
        self.lastID = lastID
    }

    mutating func run(from start: UInt64) {
        var offset = start
        while offset < size {
            guard let header = header(at: offset) else {
                guard let next = nextHeader(after: offset) else { return end(at: offset) }
                findings.append(
                    .damaged(offset: offset, bytes: next - offset, reason: "no record begins here"))
                offset = next
                continue
            }
            let end = offset + UInt64(RecordHeader.size) + UInt64(header.length)
            guard end <= size else {
                return findings.append(.torn(offset: offset, bytes: size - offset))
            }
            switch bodySum(at: offset + UInt64(RecordHeader.size), length: UInt64(header.length)) {
            case header.bodySum:
                findings.append(.record(header, offset: offset))
            case nil:
                findings.append(
                    .damaged(offset: offset, bytes: end - offset, reason: "it cannot be read"))
            default:
                findings.append(
                    .damaged(offset: offset, bytes: end - offset, reason: "the sum is wrong"))
            }
            (lastID, salt) = (header.id, header.salt)
            offset = end
        }
    }

    /// No record begins at `offset` or after it.
    private mutating func end(at offset: UInt64) {
        let rest = size - offset
        if rest < UInt64(RecordHeader.size) || isZero(from: offset) {
            findings.append(.torn(offset: offset, bytes: rest))
        } else {
            findings.append(.damaged(offset: offset, bytes: rest, reason: "no record begins here"))
        }
    }

    private func accepts(_ header: RecordHeader) -> Bool {
        (salt == nil || header.salt == salt) && header.id > lastID
    }

    private func header(at offset: UInt64) -> RecordHeader? {
        guard let bytes = try? file.read(RecordHeader.size, at: offset),
            let header = RecordHeader(bytes[...]), accepts(header)
        else { return nil }
        return header
    }

    private static let chunk = 1 << 20

    /// Where the next record begins, at any byte.
    private func nextHeader(after start: UInt64) -> UInt64? {
        let first = UInt8(truncatingIfNeeded: RecordHeader.magic)
        var base = start + 1
        while base + UInt64(RecordHeader.size) <= size {
            guard let bytes = try? file.read(Self.chunk + RecordHeader.size - 1, at: base) else {
                return nil
            }
            var from = 0
            while let place = Self.index(of: first, in: bytes, from: from),
                place + RecordHeader.size <= bytes.count
            {
                if let header = RecordHeader(bytes[place..<place + RecordHeader.size]),
                    accepts(header)
                {
                    return base + UInt64(place)
                }
                from = place + 1
            }
            base += UInt64(Self.chunk)
        }
        return nil
    }

    private static func index(of byte: UInt8, in bytes: [UInt8], from start: Int) -> Int? {
        guard start < bytes.count else { return nil }
        return unsafe bytes.withUnsafeBytes { memory in
            unsafe memchr(memory.baseAddress! + start, Int32(byte), memory.count - start).map {
                unsafe UnsafeRawPointer($0) - memory.baseAddress!
            }
        }
    }

    private func isZero(from start: UInt64) -> Bool {
        var offset = start
        while offset < size {
            guard let bytes = try? file.read(Self.chunk, at: offset), !bytes.isEmpty,
                bytes.allSatisfy({ $0 == 0 })
            else { return false }
            offset += UInt64(bytes.count)
        }
        return true
    }

    private func bodySum(at start: UInt64, length: UInt64) -> UInt32? {
        var sum: UInt32 = 0
        var offset = start
        let end = start + length
        while offset < end {
            let wanted = Int(min(UInt64(Self.chunk), end - offset))
            guard let bytes = try? file.read(wanted, at: offset), bytes.count == wanted else {
                return nil
            }
            sum = checksum(bytes[...], after: sum)
            offset += UInt64(wanted)
        }
        return sum
    }
}
