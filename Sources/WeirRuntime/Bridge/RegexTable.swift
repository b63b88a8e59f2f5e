import CRegex
import CWeir

/// weir/ext/regex.h by RE2.
enum RegexTable {
    /// Bytes that one expression may take, what it learns while it matches included: RE2's own
    /// default, which holds alternatives of some thousand words.
    private static let memory: Int64 = 8 << 20
    private static let knownFlags = UInt32(
        WEIR_REGEX_CASE_INSENSITIVE | WEIR_REGEX_DOT_MATCHES_NEWLINE)

    nonisolated(unsafe) static let shared = unsafe HostExtensions.table(  // immutable
        weir_regex_api(
            size: UInt32(MemoryLayout<weir_regex_api>.size), reserved: 0,
            compile: { _, pattern, flags, made, error in
                guard flags & ~knownFlags == 0 else {
                    unsafe error!.pointee.set(
                        Status.unsupported, "flags \(flags): this host knows \(knownFlags)")
                    return Status.unsupported
                }
                var fault = weir_regex_fault()
                let program = unsafe withText(pattern) { text, length in
                    unsafe weir_regex_compile(
                        text, length, flags & UInt32(WEIR_REGEX_CASE_INSENSITIVE) != 0,
                        flags & UInt32(WEIR_REGEX_DOT_MATCHES_NEWLINE) != 0, memory, &fault)
                }
                guard let program = unsafe program else {
                    let message = unsafe describe(fault, in: pattern.bytes)
                    unsafe error!.pointee.set(Status.invalid, message)
                    return Status.invalid
                }
                unsafe made!.pointee = program
                return Status.ok
            },
            release: { unsafe weir_regex_free($1) },
            group_count: { unsafe UInt32(weir_regex_group_count($1)) },
            group_name: { _, program, group in
                unsafe weir_text(weir_regex_group_name(program, Int32(clamping: group)))
            },
            match: { _, program, text, from, mode, captures, count in
                // The two structs are the same, so that the shim knows nothing of the ABI.
                let ranges = unsafe UnsafeMutableRawPointer(captures)?.assumingMemoryBound(
                    to: weir_regex_range.self)
                return unsafe withText(text) { text, length in
                    unsafe weir_regex_match(
                        program, text, length, from, mode == UInt32(WEIR_REGEX_WHOLE), ranges,
                        Int32(clamping: count))
                }
            }))

    private static func withText<R>(
        _ slice: weir_slice, _ body: (UnsafePointer<CChar>?, Int) -> R
    ) -> R {
        let text = unsafe UnsafeRawPointer(slice.data)?.assumingMemoryBound(to: CChar.self)
        return unsafe body(text, text == nil ? 0 : slice.length)
    }

    /// RE2's words are `missing closing ]: [a-`; the place is counted in characters.
    private static func describe(_ fault: weir_regex_fault, in pattern: [UInt8]) -> String {
        let words = unsafe withUnsafeBytes(of: fault.message) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let quoted = String(decoding: pattern, as: UTF8.self)
        let shown = quoted.count > 120 ? "\(quoted.prefix(120))..." : quoted
        var text = "the regular expression \"\(shown)\" is not valid: \(words)"
        // SIZE_MAX, for "all of it", is -1 here.
        if fault.start >= 0, fault.start + fault.length <= pattern.count {
            let before = String(decoding: pattern[..<fault.start], as: UTF8.self)
            text += ", at character \(before.unicodeScalars.count + 1)"
        }
        return text
    }
}
