public import Glibc

/// librdkafka makes its threads with C11's `thrd_create`, which the thread sanitizer does not know: it
/// falls over in the first of them. In tests this one stands before the C library's (Package.swift
/// exports it), and makes them with `pthread_create`, which it knows.
@c(thrd_create) public func createThread(
    _ thread: UnsafeMutablePointer<pthread_t>?,
    _ body: (@convention(c) (UnsafeMutableRawPointer?) -> Int32)?,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    let work = unsafe Unmanaged.passRetained(Work(body, context))
    var made = pthread_t()
    let status = unsafe pthread_create(
        &made, nil,
        { context in
            let work = unsafe Unmanaged<Work>.fromOpaque(context!).takeRetainedValue()
            let result = unsafe work.body?(work.context) ?? 0
            return unsafe UnsafeMutableRawPointer(bitPattern: Int(result))
        }, work.toOpaque())
    guard status == 0 else {
        unsafe work.release()
        return 2  // thrd_error
    }
    unsafe thread?.pointee = made
    return 0
}

/// The other half.
@c(thrd_join) public func joinThread(
    _ thread: pthread_t, _ result: UnsafeMutablePointer<Int32>?
) -> Int32 {
    var value: UnsafeMutableRawPointer?
    guard unsafe pthread_join(thread, &value) == 0 else { return 2 }
    unsafe result?.pointee = Int32(truncatingIfNeeded: UInt(bitPattern: value))
    return 0
}

@safe private final class Work {
    let body: (@convention(c) (UnsafeMutableRawPointer?) -> Int32)?
    let context: UnsafeMutableRawPointer?

    init(
        _ body: (@convention(c) (UnsafeMutableRawPointer?) -> Int32)?,
        _ context: UnsafeMutableRawPointer?
    ) {
        unsafe self.body = body
        unsafe self.context = context
    }
}
