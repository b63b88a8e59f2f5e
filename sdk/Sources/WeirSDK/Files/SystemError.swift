import Glibc

/// What the C library calls an `errno`: "No such file or directory".
package func systemError(_ number: Int32) -> String {
    // Not strerror(): that one shares a buffer between threads.
    var text = [UInt8](repeating: 0, count: 256)
    let status = unsafe text.withUnsafeMutableBytes {
        unsafe strerror_r(number, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    guard status == 0 else { return "error \(number)" }
    return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
}
