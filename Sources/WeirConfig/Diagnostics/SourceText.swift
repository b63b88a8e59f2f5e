/// One source cut into lines, for excerpts.
struct SourceText {
    private let lines: [String]

    init(bytes: [UInt8]) {
        lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            String(decoding: $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0, as: UTF8.self)
        }
    }

    /// The line at `location` with everything secret masked; `nil` where there is nothing to show.
    func excerpt(
        at location: SourceLocation, hiding secrets: [SourceLocation]
    ) -> Diagnostic.Excerpt? {
        guard lines.indices.contains(location.line - 1) else { return nil }
        var scalars = Array(lines[location.line - 1].unicodeScalars)
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        guard !scalars.isEmpty, scalars.count <= 400 else { return nil }
        var offset = min(max(0, location.column - 1), scalars.count)
        var length = max(1, min(location.length, scalars.count - offset))

        var masks = secrets.map { secret in
            let start = min(max(0, secret.column - 1), scalars.count)
            // Length 0 is a value over several lines: all of this line's rest belongs to it.
            let end = secret.length == 0 ? scalars.count : min(scalars.count, start + secret.length)
            return start..<end
        }
        masks += sensitiveRanges(in: scalars)
        for mask in mergedFromTheRight(masks) {
            scalars.replaceSubrange(mask, with: Array(redactedText.unicodeScalars))
            let growth = redactedText.unicodeScalars.count - mask.count
            if mask.lowerBound <= offset, offset < mask.upperBound {
                offset = mask.lowerBound
                length = redactedText.unicodeScalars.count
            } else if offset >= mask.upperBound {
                offset += growth
            }
        }
        var text = String.UnicodeScalarView()
        for scalar in scalars {
            text.append(scalar.value < 0x20 || scalar.value == 0x7F ? " " : scalar)
        }
        return Diagnostic.Excerpt(text: String(text), offset: offset, length: length)
    }

    private func mergedFromTheRight(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for range in ranges.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, last.upperBound >= range.lowerBound {
                merged[merged.count - 1] =
                    last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged.reversed()
    }
}
