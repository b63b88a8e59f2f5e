extension TextReader {
    /// What stands between the braces, from behind the opening one to behind the closing one.
    /// `hasName` is whether the series has its name already; a quoted text without a value is the
    /// name otherwise.
    @_lifetime(self: copy self)
    mutating func scanLabels(hasName: Bool, inExemplar: Bool = false) throws(ReadFailure) -> Bool {
        var hasName = hasName
        skipBlanksBetweenLabels()
        while true {
            let start = position
            let byte = current
            if ByteClass.of(byte).contains(.labelStart) {
                scanLabelName()
            } else if byte == UInt8(ascii: "\"") {
                try scanQuoted(mayBeEmpty: false, mayBreak: !inExemplar)
            } else if byte == UInt8(ascii: "}"), position < bytes.byteCount {
                position &+= 1
                return hasName
            } else {
                throw ReadFailure(position, "a label's name or \"}\"")
            }
            skipBlanksBetweenLabels()
            if current != UInt8(ascii: "=") {
                guard byte == UInt8(ascii: "\""), !inExemplar,
                    current == UInt8(ascii: ",") || current == UInt8(ascii: "}")
                else { throw ReadFailure(position, "\"=\" after a label's name") }
                guard !hasName else {
                    throw ReadFailure(start, "a label: the series has a name already")
                }
                hasName = true
                if current == UInt8(ascii: ",") { position &+= 1 }
                skipBlanksBetweenLabels()
                continue
            }
            position &+= 1
            skipBlanksBetweenLabels()
            guard current == UInt8(ascii: "\"") else {
                throw ReadFailure(position, "a label's value in double quotes")
            }
            try scanQuoted(mayBeEmpty: true, mayBreak: !isOpenMetrics)
            skipBlanksBetweenLabels()
            // Prometheus' text needs no comma; OpenMetrics does.
            if current == UInt8(ascii: ",") {
                position &+= 1
                skipBlanksBetweenLabels()
            } else if isOpenMetrics, current != UInt8(ascii: "}") {
                throw ReadFailure(position, "\",\" or \"}\" after a label")
            }
        }
    }

    @_lifetime(self: copy self)
    @inline(__always)
    private mutating func skipBlanksBetweenLabels() {
        if !isOpenMetrics { skipBlanks() }
    }

    @_lifetime(self: copy self)
    @inline(__always)
    private mutating func scanLabelName() {
        position &+= 1
        while position < bytes.byteCount,
            ByteClass.of(bytes.byte(at: position)).contains(.label)
        {
            position &+= 1
        }
    }

    /// A text in double quotes, from the opening quote to behind the closing one.
    @_lifetime(self: copy self)
    mutating func scanQuoted(mayBeEmpty: Bool, mayBreak: Bool) throws(ReadFailure) {
        let quote = position
        position &+= 1
        let isASCII = try scanToQuote(mayBreak: mayBreak)
        if !isASCII, !bytes.isUTF8(quote + 1..<position) {
            throw ReadFailure(quote, "valid UTF-8", found: "a text that is not")
        }
        if !mayBeEmpty, position == quote + 1 {
            throw ReadFailure(quote, "a name", found: "an empty one")
        }
        position &+= 1
    }

    /// Moves to the closing quote; gives whether all bytes on the way were ASCII.
    @_lifetime(self: copy self)
    @inline(__always)
    private mutating func scanToQuote(mayBreak: Bool) throws(ReadFailure) -> Bool {
        let quotes: UInt64 = 0x2222_2222_2222_2222
        let escapes: UInt64 = 0x5c5c_5c5c_5c5c_5c5c
        let breaks: UInt64 = 0x0a0a_0a0a_0a0a_0a0a
        var seen: UInt64 = 0
        while true {
            // Eight plain bytes at a time; the last ones singly.
            while position &+ 8 <= bytes.byteCount {
                let word = bytes.word(at: position)
                let special =
                    zeroBytes(word ^ quotes) | zeroBytes(word ^ escapes) | zeroBytes(word ^ breaks)
                guard special == 0 else {
                    let plain = special.trailingZeroBitCount & ~7
                    seen |= word & ((1 &<< UInt64(plain)) &- 1)
                    position &+= plain / 8
                    break
                }
                seen |= word
                position &+= 8
            }
            guard position < bytes.byteCount else {
                throw ReadFailure(position, "the closing double quote")
            }
            switch bytes.byte(at: position) {
            case UInt8(ascii: "\""): return seen & 0x8080_8080_8080_8080 == 0
            case UInt8(ascii: "\\"):
                position &+= 1
                guard position < bytes.byteCount,
                    mayBreak || bytes.byte(at: position) != UInt8(ascii: "\n")
                else { throw ReadFailure(position, "the closing double quote") }
            case UInt8(ascii: "\n"):
                guard mayBreak else { throw ReadFailure(position, "the closing double quote") }
            default: break
            }
            seen |= UInt64(bytes.byte(at: position))
            position &+= 1
        }
    }
}
