import WeirTelemetry

/// A `TimeSeries` of 1.0 with one sample, which is what most series of a request are, costs one
/// copy: its labels are kept behind the tag and the length that it has with such a sample.
enum SampleTemplate {
    /// Tag and length of the sample, its value, and a time of six bytes.
    static let sampleSize = 2 + 9 + 7
    /// Those of six bytes, as times from 1971 to 2109 have.
    static let times: ClosedRange<Int64> = 1 << 35...(1 << 42) - 1

    /// The labels alone.
    static func labels(_ bytes: RawSpan) -> Range<Int> {
        // After the tag and a length of as many bytes as end before one below 0x80.
        var start = 1
        while bytes.byte(at: start) >= 0x80 { start += 1 }
        return start + 1..<bytes.byteCount
    }
}

extension [UInt8] {
    /// What stands before the sample.
    mutating func appendTemplate(_ labels: Labels) {
        let size = labels.all.reduce(0) { size, label in
            size + framed(framed(label.name.utf8.count) + framed(label.value.utf8.count))
        }
        append(0x0a)
        appendVarint(UInt64(size + SampleTemplate.sampleSize))
        for label in labels.all { appendLabel(label) }
    }

    /// Appends a template with its value and time, which is in ``SampleTemplate/times``.
    ///
    /// - Parameter template: with as many bytes behind it, whatever they are, as a sample has.
    @inline(__always)
    mutating func append(_ template: RawSpan, _ value: Double, _ time: Int64) {
        append(addingCapacity: template.byteCount) { output in
            unsafe output.withUnsafeMutableBufferPointer { buffer, count in
                let memory = UnsafeMutableRawBufferPointer(buffer)
                unsafe template.withUnsafeBytes { unsafe memory.copyMemory(from: $0) }
                count = template.byteCount
                let start = count - SampleTemplate.sampleSize
                unsafe memory[start] = 0x12
                unsafe memory[start + 1] = UInt8(SampleTemplate.sampleSize - 2)
                unsafe memory[start + 2] = 0x09
                unsafe memory.storeBytes(
                    of: value.bitPattern.littleEndian, toByteOffset: start + 3, as: UInt64.self)
                unsafe memory[start + 11] = 0x10
                var rest = UInt64(bitPattern: time)
                for index in start + 12..<start + 17 {
                    unsafe memory[index] = UInt8(truncatingIfNeeded: rest) | 0x80
                    rest >>= 7
                }
                unsafe memory[start + 17] = UInt8(truncatingIfNeeded: rest)
            }
        }
    }
}
