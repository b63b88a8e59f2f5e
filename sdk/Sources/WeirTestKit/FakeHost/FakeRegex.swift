import CWeir
import Synchronization
import WeirSDK

/// `weir.regex/1` by Swift's own `Regex`: near enough to RE2's syntax for tests of plugins.
final class FakeRegex: Sendable {
    private typealias Program = Regex<AnyRegexOutput>

    /// `Regex` is not Sendable, so each match makes its own.
    private let pattern: String
    private let flags: UInt32
    /// The names of group 0 and the others, as C text that lives as long as this.
    let names: [FakeText]

    init(_ pattern: String, _ flags: UInt32) throws {
        // RE2 knows `\z`, `(?s)`, `(?i)`; the flags do the same from outside.
        self.pattern = pattern
        self.flags = flags
        _ = try Regex(pattern)
        names = [FakeText("")] + Self.groups(of: pattern).map(FakeText.init)
    }

    private func program() -> Program? {
        guard let made = try? Regex(pattern) else { return nil }
        return made.matchingSemantics(.unicodeScalar).wordBoundaryKind(.simple)
            .ignoresCase(flags & UInt32(WEIR_REGEX_CASE_INSENSITIVE) != 0)
            .dotMatchesNewlines(flags & UInt32(WEIR_REGEX_DOT_MATCHES_NEWLINE) != 0)
    }

    /// The captures as ranges of bytes.
    func match(_ text: String, from: Int, whole: Bool) -> [Range<Int>?]? {
        guard let program = program() else { return nil }
        let start = text.utf8.index(text.startIndex, offsetBy: from)
        let found =
            whole
            ? try? program.wholeMatch(in: text[start...])
            : try? program.firstMatch(in: text[start...])
        guard let found else { return nil }
        func offset(_ index: String.Index) -> Int {
            text.utf8.distance(from: text.startIndex, to: index)
        }
        return (0..<found.output.count).map { group in
            found.output[group].range.map { offset($0.lowerBound)..<offset($0.upperBound) }
        }
    }

    /// The name of each group, empty if it has none: `(?P<name>`, `(?<name>`, `(`.
    private static func groups(of pattern: String) -> [String] {
        var names: [String] = []
        var rest = Array(pattern.unicodeScalars)[...]
        var isInClass = false
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\\": _ = rest.popFirst()
            case "[" where !isInClass:
                isInClass = true
                if rest.first == "^" { rest.removeFirst() }
                if rest.first == "]" { rest.removeFirst() }
            case "]": isInClass = false
            case "(" where !isInClass:
                if rest.first != "?" {
                    names.append("")
                } else if rest.starts(with: "?P<".unicodeScalars)
                    || rest.starts(with: "?<".unicodeScalars)
                {
                    let name = rest.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" }
                    names.append(String(String.UnicodeScalarView(name)))
                }
            default: break
            }
        }
        return names
    }
}

/// Text that lies still, to be lent.
@safe final class FakeText: @unchecked Sendable {  // Sendable: written once, here
    let bytes: UnsafeMutableBufferPointer<UInt8>

    init(_ text: String) {
        let utf8 = Array(text.utf8)
        unsafe bytes = .allocate(capacity: utf8.count)
        _ = unsafe bytes.initialize(from: utf8)
    }

    deinit { unsafe bytes.deallocate() }
}

func regexTable() -> weir_regex_api {
    unsafe weir_regex_api(
        size: UInt32(MemoryLayout<weir_regex_api>.size), reserved: 0,
        compile: { host, pattern, flags, made, error in
            let pattern = unsafe pattern.string
            do {
                let regex = try FakeRegex(pattern, flags)
                unsafe made!.pointee = OpaquePointer(Unmanaged.passRetained(regex).toOpaque())
                unsafe FakeHost.of(host).services.kept.withLock { $0.expressions += 1 }
                return Status.ok
            } catch let reason {
                let text = "the regular expression \"\(pattern)\" is not valid: \(reason)"
                return unsafe ComponentError.invalid(text).write(to: error!)
            }
        },
        release: { host, regex in
            unsafe FakeHost.of(host).services.kept.withLock { $0.expressions -= 1 }
            unsafe Unmanaged<FakeRegex>.fromOpaque(UnsafeRawPointer(regex!)).release()
        },
        group_count: { unsafe UInt32(FakeRegex.of($1).names.count - 1) },
        group_name: { _, regex, group in
            let names = unsafe FakeRegex.of(regex).names
            guard names.indices.contains(Int(group)) else { return unsafe weir_slice.empty }
            return unsafe weir_slice(UnsafeBufferPointer(names[Int(group)].bytes))
        },
        match: { _, regex, text, from, mode, captures, count in
            guard
                let found = unsafe FakeRegex.of(regex).match(
                    text.string, from: from, whole: mode == UInt32(WEIR_REGEX_WHOLE))
            else { return false }
            for index in 0..<min(Int(count), found.count) {
                let range = found[index]
                unsafe captures![index] = weir_capture(
                    start: range?.lowerBound ?? -1, end: range?.upperBound ?? -1)
            }
            return true
        })
}

extension FakeRegex {
    fileprivate static func of(_ raw: OpaquePointer?) -> FakeRegex {
        unsafe Unmanaged<FakeRegex>.fromOpaque(UnsafeRawPointer(raw!)).takeUnretainedValue()
    }
}
