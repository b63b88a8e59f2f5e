/// One line of /proc/mounts.
struct Mount: Hashable {
    var device: String
    /// As the machine sees it.
    var point: String
    var type: String
    var isReadOnly: Bool

    /// `nil` if this is no line of it.
    init?(_ line: Text) {
        var line = line
        guard let device = line.nextField(), let point = line.nextField(),
            let type = line.nextField(), let options = line.nextField()
        else { return nil }
        self.device = device.string
        self.point = Mount.unescaped(point)
        self.type = type.string
        isReadOnly = options.string.split(separator: ",").contains("ro")
    }

    /// Blanks and backslashes in a path are octal: `\040`.
    static func unescaped(_ text: Text) -> String {
        guard text.contains(UInt8(ascii: "\\")) else { return text.string }
        var bytes: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "\\"), index + 3 < text.count,
                let code = octal(text[index + 1], text[index + 2], text[index + 3])
            {
                bytes.append(code)
                index += 4
            } else {
                bytes.append(text[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func octal(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> UInt8? {
        let digits = [first, second, third].map { Int($0) - Int(UInt8(ascii: "0")) }
        guard digits.allSatisfy({ (0...7).contains($0) }) else { return nil }
        return UInt8(exactly: digits[0] * 64 + digits[1] * 8 + digits[2])
    }
}
