/// The way to the value at an offset of a text, as in `resourceSpans[0].resource.attributes[2]`.
///
/// It is for error messages: it follows the text as far as that is JSON, and no further.
public func jsonPath(to offset: Int, in text: RawSpan) -> String {
    var finder = JSONPathFinder(text, offset)
    finder.run()
    return finder.path
}

private struct JSONPathFinder: ~Escapable {
    private var reader: JSONReader
    private let target: Int
    private var steps: [Step] = []

    private enum Step {
        case key(String)
        case index(Int)
        /// An object whose first key has not been read.
        case object
    }

    @_lifetime(copy text)
    init(_ text: RawSpan, _ target: Int) {
        reader = JSONReader(text, maxDepth: 1 << 20)
        self.target = target
    }

    var path: String {
        var text = ""
        for step in steps {
            switch step {
            case .key(let key): text += text.isEmpty ? key : "." + key
            case .index(let index) where index >= 0: text += "[\(index)]"
            default: break
            }
        }
        return text
    }

    @_lifetime(self: copy self)
    mutating func run() {
        // Stops by the first error, or when a scalar ends behind the offset.
        do throws(JSONError) {
            try value()
            while !steps.isEmpty {
                switch steps.removeLast() {
                case .index(let index):
                    guard try reader.nextElement() else { continue }
                    steps.append(.index(index + 1))
                case .key(let last):
                    steps.append(.key(last))
                    guard let key = try reader.nextKey() else {
                        steps.removeLast()
                        continue
                    }
                    steps[steps.count - 1] = .key(key.string)
                case .object:
                    guard let key = try reader.nextKey() else { continue }
                    steps.append(.key(key.string))
                }
                if reader.offset > target { return }
                try value()
            }
        } catch {
            return
        }
    }

    @_lifetime(self: copy self)
    private mutating func value() throws(JSONError) {
        let kind = try reader.peek()
        if reader.offset >= target { throw reader.unexpected("") }
        switch kind {
        case .object:
            try reader.beginObject()
            steps.append(.object)
        case .array:
            try reader.beginArray()
            steps.append(.index(-1))
        default:
            try reader.skipValue()
            if reader.offset > target { throw reader.unexpected("") }
        }
    }
}
