/// MD5 (RFC 1321) for the fake host: small and slow, and no library.
enum MD5 {
    static func digest(of message: [UInt8]) -> [UInt8] {
        var padded = message + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        padded += bytes(UInt64(message.count * 8))
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
        for block in stride(from: 0, to: padded.count, by: 64) {
            state = compress(state, padded[block..<block + 64])
        }
        return state.flatMap { bytes($0) }
    }

    private static func compress(_ state: [UInt32], _ block: ArraySlice<UInt8>) -> [UInt32] {
        let words = stride(from: block.startIndex, to: block.endIndex, by: 4).map { index in
            (0..<4).reduce(UInt32(0)) { $0 | UInt32(block[index + $1]) << UInt32(8 * $1) }
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        for step in 0..<64 {
            let (mix, word) =
                switch step / 16 {
                case 0: ((b & c) | (~b & d), step)
                case 1: ((d & b) | (~d & c), (5 * step + 1) % 16)
                case 2: (b ^ c ^ d, (3 * step + 5) % 16)
                default: (c ^ (b | ~d), (7 * step) % 16)
                }
            let sum = a &+ mix &+ constants[step] &+ words[word]
            let shift = shifts[step / 16][step % 4]
            (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
        }
        return [state[0] &+ a, state[1] &+ b, state[2] &+ c, state[3] &+ d]
    }

    private static func bytes<Word: FixedWidthInteger>(_ word: Word) -> [UInt8] {
        (0..<MemoryLayout<Word>.size).map { UInt8(truncatingIfNeeded: word >> Word(8 * $0)) }
    }

    private static let shifts: [[UInt32]] = [
        [7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21],
    ]
    /// 2³² times the absolute value of the sine of 1, 2, ...
    private static let constants: [UInt32] = (1...64).map { step in
        UInt32((sine(Double(step)) * 4_294_967_296).rounded(.down))
    }

    /// |sin x| by its series, after x was brought near to 0.
    private static func sine(_ x: Double) -> Double {
        let reduced = Float80(x).remainder(dividingBy: Float80.pi)
        var (term, sum) = (reduced, reduced)
        for index in 1...20 {
            term *= -reduced * reduced / Float80((2 * index) * (2 * index + 1))
            sum += term
        }
        return Double(abs(sum))
    }
}
