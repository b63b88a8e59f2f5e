import Glibc
import NIOCore

/// The last header of a connection. Clients send the same header with each request, only the length
/// of the body changes: one that is known need not be read again.
///
/// What is recognised is read as it was the first time, because all bytes that decided anything are
/// the same; a length with another number of digits is read anew.
struct HTTP1HeadMemory {
    private var known: HTTP1RequestHead?
    /// Longer ones are not kept: there may be thousands of connections.
    private static let longest = 2048
    /// No number of so many digits is too large for `Int`.
    private static let mostDigits = 18

    mutating func keep(_ head: HTTP1RequestHead, _ text: ByteBuffer) {
        let digits = head.lengthDigits?.count ?? 0
        guard text.readableBytes <= Self.longest, digits <= Self.mostDigits, head.keepsAlive else {
            known = nil
            return
        }
        // A copy: the text shares its storage with the body that follows it.
        known = head.moved(to: ByteBuffer(bytes: text.readableBytesView), length: nil)
    }

    /// The header that `input` begins with, if it is the known one but for the length.
    func take(from input: inout ByteBuffer) -> HTTP1RequestHead? {
        guard let known, input.readableBytes >= known.fields.text.readableBytes else { return nil }
        let count = known.fields.text.readableBytes
        let digits = known.lengthDigits.map { Int($0.lowerBound)..<Int($0.upperBound) }
        let length: Int? = unsafe input.withUnsafeReadableBytes { input in
            unsafe known.fields.text.withUnsafeReadableBytes { text in
                guard let digits else {
                    return unsafe memcmp(input.baseAddress!, text.baseAddress!, count) == 0
                        ? 0 : nil
                }
                let after = digits.upperBound
                guard unsafe memcmp(input.baseAddress!, text.baseAddress!, digits.lowerBound) == 0,
                    unsafe memcmp(
                        input.baseAddress! + after, text.baseAddress! + after, count - after) == 0
                else { return nil }
                var length = 0
                for index in digits {
                    let digit = unsafe input[index] &- 0x30
                    guard digit < 10 else { return nil }
                    length = length * 10 + Int(digit)
                }
                return length
            }
        }
        guard let length, let text = input.readSlice(length: count) else { return nil }
        return known.moved(to: text, length: digits == nil ? nil : length)
    }
}
