/// Texts that the labels of many series share, each kept once and forgotten with its last use.
///
/// Remote write 2.0 refers to texts by their place in a request; a series keeps the numbers that
/// they have here, and ``RemoteWriteEncoder`` makes places of them. Number 0 is the empty text.
public struct SymbolTable: Sendable {
    private var texts: [String] = [""]
    private var uses: [UInt32] = [1]
    private var numbers: [ExactText: UInt32] = [ExactText(""): 0]
    private var free: [UInt32] = []

    public init() {}

    /// How many numbers there are, those that are free included.
    public var capacity: Int { texts.count }

    public subscript(number: UInt32) -> String { texts[Int(number)] }

    /// The number of a text; one use more.
    public mutating func retain(_ text: String) -> UInt32 {
        if let number = numbers[ExactText(text)] {
            uses[Int(number)] += 1
            return number
        }
        let number = free.popLast() ?? UInt32(texts.count)
        if Int(number) == texts.count {
            texts.append(text)
            uses.append(1)
        } else {
            texts[Int(number)] = text
            uses[Int(number)] = 1
        }
        numbers[ExactText(text)] = number
        return number
    }

    /// One use less.
    public mutating func release(_ number: UInt32) {
        let index = Int(number)
        guard index > 0 else { return }
        uses[index] -= 1
        guard uses[index] == 0 else { return }
        numbers[ExactText(texts[index])] = nil
        texts[index] = ""
        free.append(number)
    }
}

/// A text as a key: Swift's strings are equal where Unicode says so, Prometheus' where their bytes
/// are.
struct ExactText: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
