import Glibc
import Synchronization

/// Threads, waited for or not.
enum Threads {
    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs `body` on a thread that nobody waits for; false if the machine has no more threads.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        guard let thread = make(body) else { return false }
        pthread_detach(thread)
        return true
    }

    /// Runs `body` for each number below `count`, on at most `limit` threads, and waits for all. Who
    /// is done takes the next one, so that one that hangs holds up no other.
    static func forEach(_ count: Int, limit: Int, _ body: @escaping @Sendable (Int) -> Void) {
        guard count > 1 else {
            if count == 1 { body(0) }
            return
        }
        let next = Mutex(0)
        let share: @Sendable () -> Void = {
            while true {
                let index = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                guard index < count else { return }
                body(index)
            }
        }
        var threads: [pthread_t] = []
        // Where there is no thread, those that are there do its work.
        for _ in 1..<max(1, min(count, limit)) {
            if let thread = make(share) { threads.append(thread) }
        }
        share()
        for thread in threads { pthread_join(thread, nil) }
    }

    private static func make(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
        let work = unsafe Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                unsafe Unmanaged<Work>.fromOpaque(context!).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            unsafe work.release()
            return nil
        }
        return thread
    }
}
