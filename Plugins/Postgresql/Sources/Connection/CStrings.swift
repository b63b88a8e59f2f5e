import Glibc

/// A list of C strings that ends with NULL, for as long as it lives.
@safe struct CStrings: ~Copyable {
    private let strings: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let count: Int

    init(_ texts: [String]) {
        count = texts.count
        unsafe strings = .allocate(capacity: count + 1)
        for (index, text) in texts.enumerated() {
            unsafe (strings + index).initialize(to: UnsafePointer(strdup(text)))
        }
        unsafe (strings + count).initialize(to: nil)
    }

    var pointer: UnsafePointer<UnsafePointer<CChar>?> { unsafe UnsafePointer(strings) }

    deinit {
        for index in 0..<count { unsafe free(UnsafeMutablePointer(mutating: strings[index])) }
        unsafe strings.deallocate()
    }
}
