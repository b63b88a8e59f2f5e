import Glibc
import Synchronization

/// Threads of a plugin's own, for what may block longer than the host's threads should. They have
/// the standard size of stack, and block no signals of their own accord. [any thread]
public enum Threads {
    /// Runs `body` on a thread that nobody waits for.
    ///
    /// - Returns: `false` if the machine has no more threads; `body` does not run.
    public static func detach(_ body: @escaping @Sendable () -> Void) -> Bool {
        guard let thread = make(body) else { return false }
        pthread_detach(thread)
        return true
    }

    /// Runs `body` on a thread that somebody is to wait for.
    ///
    /// - Returns: `nil` if the machine has no more threads; `body` does not run.
    public static func start(_ body: @escaping @Sendable () -> Void) -> RunningThread? {
        make(body).map { RunningThread(raw: $0) }
    }

    /// Runs `work` on a thread of its own, for what cannot be told to stop: `getaddrinfo`, a vendor's
    /// library.
    ///
    /// - Returns: its result; `nil` if it took longer, or no thread was left. What takes longer goes
    ///   on all the same, and what it holds is released when it ends.
    public static func result<Value: Sendable>(
        within limit: Duration, of work: @escaping @Sendable () -> Value
    ) -> Value? {
        let late = LateValue<Value>()
        guard detach({ late.set(work()) }) else { return nil }
        return late.value(within: limit)
    }

    /// Runs `body` for each number below `count`, this thread included on at most `limit` threads,
    /// and waits for all. Who is done takes the next one, so that one that hangs holds up no other.
    public static func forEach(
        _ count: Int, limit: Int, _ body: @escaping @Sendable (Int) -> Void
    ) {
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
        // Where there is no thread, those that are there do its work.
        let threads = (1..<max(1, min(count, limit))).compactMap { _ in start(share) }
        share()
        for thread in threads { thread.join() }
    }

    private static func make(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
        let work = unsafe Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                unsafe Unmanaged<Work>.fromOpaque(context!).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        guard status == 0 else {
            unsafe work.release()
            return nil
        }
        return thread
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// A thread of ``Threads/start(_:)``.
public struct RunningThread: Sendable {
    fileprivate let raw: pthread_t

    /// Waits for its end: once for each thread, and not on itself.
    public func join() { pthread_join(raw, nil) }
}
