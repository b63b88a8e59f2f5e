import WeirTelemetry

/// A `TimeSeries` of 1.0 with one sample, whose value and time are to be filled in: what most
/// series of a request are, so that each costs one copy.
public struct SeriesTemplate: Sendable, Hashable {
    /// Tag and length of the sample, its value, and a time of six bytes, as times from 1971 to 2109
    /// have.
    static let sampleSize = 2 + 9 + 7
    static let times: ClosedRange<Int64> = 1 << 35...(1 << 42) - 1

    let bytes: [UInt8]

    public init(_ labels: Labels) {
        let content = labels.remoteWriteBytes
        var bytes: [UInt8] = []
        bytes.reserveCapacity(content.count + Self.sampleSize + 4)
        bytes.append(0x0a)
        bytes.appendVarint(UInt64(content.count + Self.sampleSize))
        bytes += content
        bytes += [0x12, UInt8(Self.sampleSize - 2), 0x09, 0, 0, 0, 0, 0, 0, 0, 0]
        bytes += [0x10, 0, 0, 0, 0, 0, 0]
        self.bytes = bytes
    }

    /// The labels alone.
    var labels: ArraySlice<UInt8> {
        let length = bytes.count - Self.sampleSize
        // After the tag and a length of as many bytes as end before one below 0x80.
        let start = (bytes.dropFirst().firstIndex { $0 < 0x80 } ?? length - 1) + 1
        return bytes[start..<length]
    }

    // Arrays would be hashed byte by byte.
    public func hash(into hasher: inout Hasher) {
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}

extension [UInt8] {
    /// Appends a template with its value and time, which is in ``SeriesTemplate/times``.
    @inline(__always)
    mutating func append(_ template: SeriesTemplate, _ value: Double, _ time: Int64) {
        append(contentsOf: template.bytes)
        let end = count
        unsafe withUnsafeMutableBytes { buffer in
            unsafe buffer.storeBytes(
                of: value.bitPattern.littleEndian, toByteOffset: end - 15, as: UInt64.self)
            var rest = UInt64(bitPattern: time)
            for index in end - 6..<end - 1 {
                unsafe buffer[index] = UInt8(truncatingIfNeeded: rest) | 0x80
                rest >>= 7
            }
            unsafe buffer[end - 1] = UInt8(truncatingIfNeeded: rest)
        }
    }
}
