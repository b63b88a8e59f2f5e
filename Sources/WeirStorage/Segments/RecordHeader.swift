import CWeirSystem

/// What stands before each body in a segment: 48 bytes, numbers in little endian.
///
///      0 magic         4 salt of the segment    8 id                 16 time stored, Unix, ns
///     24 items        28 length of the body    32 sum of the body    36 signal, then zeros
///     44 sum of the 44 bytes before
///
/// Sums are CRC-32C. The salt is random, so that a body which looks like a record is not taken for
/// one when the scan has lost its place.
struct RecordHeader: Equatable {
    static let size = 48
    static let magic: UInt32 = 0x3152_6557  // "WeR1"

    var salt: UInt32
    var id: UInt64
    var unixNano: UInt64
    var items: UInt32
    var length: UInt32
    var bodySum: UInt32
    var signal: UInt8

    func append(to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(Self.magic)
        bytes.append(salt)
        bytes.append(id)
        bytes.append(unixNano)
        bytes.append(items)
        bytes.append(length)
        bytes.append(bodySum)
        bytes.append(signal)
        for _ in 0..<7 { bytes.append(0 as UInt8) }
        bytes.append(checksum(bytes[start...]))
    }
}

extension RecordHeader {
    /// Reads what starts at `offset`; `nil` if that is no header, or not a whole one.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count >= Self.size else { return nil }
        let start = bytes.startIndex
        guard bytes.number(at: start, UInt32.self) == Self.magic,
            bytes.number(at: start + 44, UInt32.self) == checksum(bytes[start..<start + 44])
        else { return nil }
        salt = bytes.number(at: start + 4, UInt32.self)
        id = bytes.number(at: start + 8, UInt64.self)
        unixNano = bytes.number(at: start + 16, UInt64.self)
        items = bytes.number(at: start + 24, UInt32.self)
        length = bytes.number(at: start + 28, UInt32.self)
        bodySum = bytes.number(at: start + 32, UInt32.self)
        signal = bytes[start + 36]
    }
}

/// What a segment begins with: 32 bytes.
///
///      0 "WeirSeg1"    8 number    16 time made, Unix, ns    24 salt    28 sum of the 28 before
struct SegmentHeader: Equatable {
    static let size = 32
    static let magic: UInt64 = 0x3167_6553_7269_6557

    var number: UInt64
    var unixNano: UInt64
    var salt: UInt32

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(Self.magic)
        bytes.append(number)
        bytes.append(unixNano)
        bytes.append(salt)
        bytes.append(checksum(bytes[...]))
        return bytes
    }
}

extension SegmentHeader {
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.size, bytes[...].number(at: 0, UInt64.self) == Self.magic,
            bytes[...].number(at: 28, UInt32.self) == checksum(bytes[..<28])
        else { return nil }
        number = bytes[...].number(at: 8, UInt64.self)
        unixNano = bytes[...].number(at: 16, UInt64.self)
        salt = bytes[...].number(at: 24, UInt32.self)
    }
}

func checksum(_ bytes: ArraySlice<UInt8>, after sum: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe weir_crc32c(sum, $0.baseAddress, $0.count) }
}

extension [UInt8] {
    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: number >> Number(shift)))
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func number<Number: FixedWidthInteger>(
        at index: Int, _ type: Number.Type
    ) -> Number {
        var number: Number = 0
        for place in 0..<Number.bitWidth / 8 {
            number |= Number(truncatingIfNeeded: self[index + place]) << Number(place * 8)
        }
        return number
    }
}
