import CWeir

/// Regular expressions with RE2's syntax and promise: time linear in the text, bounded memory.
@safe public struct RegularExpressions: @unchecked Sendable {  // Sendable: a constant table
    public struct Options: OptionSet, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// As `(?i)`.
        public static let caseInsensitive = Options(rawValue: 1 << 0)
        /// As `(?s)`.
        public static let dotMatchesNewline = Options(rawValue: 1 << 1)
    }

    fileprivate let host: Host
    fileprivate let api: UnsafePointer<weir_regex_api>

    init?(_ host: Host) {
        guard let api = unsafe host.find(WEIR_EXT_REGEX, weir_regex_api.self) else { return nil }
        self.host = host
        unsafe self.api = api
    }

    /// Prepares a pattern. Throws `invalid`: what is wrong with it, and where.
    public func compile(
        _ pattern: String, _ options: Options = []
    ) throws(ComponentError) -> RegularExpression {
        var raw: OpaquePointer? = nil
        try unsafe check { error in
            unsafe withSlice(pattern) {
                unsafe api.pointee.compile(host.table, $0, options.rawValue, &raw, error)
            }
        }
        return unsafe RegularExpression(raw!, pattern, self)
    }
}

/// A pattern that is ready to match, on any thread and several at once. Captures are those of group
/// 0, which is the whole match, and of each group; `nil` where a group took no part.
@safe public final class RegularExpression: @unchecked Sendable {
    // Sendable: the handle is any-thread and constant until deinit.
    public let pattern: String
    /// Groups beside group 0.
    public let groupCount: Int
    /// The names of group 0 and the others.
    public let groupNames: [String?]
    private let raw: OpaquePointer
    private let expressions: RegularExpressions

    fileprivate init(_ raw: OpaquePointer, _ pattern: String, _ expressions: RegularExpressions) {
        unsafe self.raw = raw
        self.pattern = pattern
        self.expressions = expressions
        let (host, api) = unsafe (expressions.host.table, expressions.api)
        let count = unsafe api.pointee.group_count(host, raw)
        groupCount = Int(count)
        groupNames = (0...count).map {
            let name = unsafe api.pointee.group_name(host, raw, $0).string
            return name.isEmpty ? nil : name
        }
    }

    deinit { unsafe expressions.api.pointee.release(expressions.host.table, raw) }

    /// Whether all of the text matches. Faster than asking for captures.
    public func matches(_ text: String) -> Bool {
        unsafe withSlice(text) { unsafe match($0, 0, UInt32(WEIR_REGEX_WHOLE), nothing) }
    }

    /// Whether the pattern matches anywhere in the text. Faster than asking for captures.
    public func isFound(in text: String) -> Bool {
        unsafe withSlice(text) { unsafe match($0, 0, UInt32(WEIR_REGEX_SEARCH), nothing) }
    }

    /// The captures, if all of the text matches.
    public func wholeMatch(_ text: String) -> [String?]? {
        captures(text, UInt32(WEIR_REGEX_WHOLE))
    }

    /// The captures of the leftmost match.
    public func firstMatch(_ text: String) -> [String?]? {
        captures(text, UInt32(WEIR_REGEX_SEARCH))
    }

    /// The captures as ranges of bytes, if all of the text (UTF-8) matches.
    public func wholeMatch(_ text: RawSpan) -> [Range<Int>?]? {
        unsafe text.withUnsafeBytes { text in
            unsafe ranges(weir_slice(text), 0, UInt32(WEIR_REGEX_WHOLE))
        }
    }

    /// The captures, as ranges of bytes, of the leftmost match that begins at byte `from` or later;
    /// what lies before counts for `^` and `\b`.
    public func firstMatch(_ text: RawSpan, from: Int = 0) -> [Range<Int>?]? {
        precondition(from >= 0 && from <= text.byteCount, "out of bounds")
        return unsafe text.withUnsafeBytes { text in
            unsafe ranges(weir_slice(text), from, UInt32(WEIR_REGEX_SEARCH))
        }
    }

    private var nothing: UnsafeMutableBufferPointer<weir_capture> {
        unsafe UnsafeMutableBufferPointer(start: nil, count: 0)
    }

    private func captures(_ text: String, _ mode: UInt32) -> [String?]? {
        unsafe withSlice(text) { slice in
            unsafe ranges(slice, 0, mode)?.map { range in
                range.map { range in
                    unsafe String(
                        decoding: UnsafeRawBufferPointer(rebasing: slice.bytes[range]),
                        as: UTF8.self)
                }
            }
        }
    }

    private func ranges(_ text: weir_slice, _ from: Int, _ mode: UInt32) -> [Range<Int>?]? {
        // Few patterns have more groups than lie on the stack.
        unsafe withUnsafeTemporaryAllocation(of: weir_capture.self, capacity: groupCount + 1) {
            captures in
            guard unsafe match(text, from, mode, captures) else { return nil }
            return unsafe captures.map { capture in
                // WEIR_NO_CAPTURE, SIZE_MAX, is -1 here.
                capture.start < 0 ? nil : capture.start..<capture.end
            }
        }
    }

    private func match(
        _ text: weir_slice, _ from: Int, _ mode: UInt32,
        _ captures: UnsafeMutableBufferPointer<weir_capture>
    ) -> Bool {
        unsafe expressions.api.pointee.match(
            expressions.host.table, raw, text, from, mode, captures.baseAddress,
            UInt32(captures.count))
    }
}

extension Host {
    /// Regular expressions, if this host has them.
    public var regex: RegularExpressions? { RegularExpressions(self) }
}
