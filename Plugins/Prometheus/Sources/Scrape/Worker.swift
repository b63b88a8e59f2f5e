import Glibc
import Synchronization

/// One thread for what must not hold up the host's threads: reading large expositions, relabelling
/// what discovery found, and closing clients, which waits for their connections' threads.
///
/// The host has threads that may block for sinks and exporters, not for receivers.
final class Worker: Sendable {
    typealias Job = @Sendable () -> Void

    private struct State: Sendable {
        var jobs: [Job] = []
        var isEnding = false
        var thread: pthread_t?
    }

    private let state = Mutex(State())
    private let semaphore: Semaphore

    init() { semaphore = Semaphore() }

    /// Runs later, after what was submitted before it; the first job starts the thread.
    ///
    /// - Returns: `false` once `finish` was called: nothing runs any more.
    @discardableResult
    func submit(_ job: @escaping Job) -> Bool {
        let isQueued: Bool? = state.withLock { state in
            guard !state.isEnding else { return nil }
            if state.thread == nil { state.thread = start() }
            // A process that gets no thread any more works on without one.
            guard state.thread != nil else { return false }
            state.jobs.append(job)
            return true
        }
        switch isQueued {
        case true?: semaphore.signal()
        case false?: job()
        case nil: break
        }
        return isQueued != nil
    }

    /// Lets what was submitted run and waits for the thread to end. Not from within a job.
    func finish() {
        let thread = state.withLock { state in
            state.isEnding = true
            return state.thread.take()
        }
        guard let thread else { return }
        semaphore.signal()
        pthread_join(thread, nil)
    }

    private func start() -> pthread_t? {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self)
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                let worker = unsafe Unmanaged<Worker>.fromOpaque(context!).takeRetainedValue()
                worker.run()
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            unsafe context.release()
            return nil
        }
        return thread
    }

    private func run() {
        while true {
            semaphore.wait()
            let (jobs, isEnding) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isEnding)
            }
            for job in jobs { job() }
            if isEnding { return }
        }
    }
}

/// A counting semaphore of POSIX at an address that does not change.
@safe private final class Semaphore: @unchecked Sendable {  // Sendable: POSIX says so
    private let raw: UnsafeMutablePointer<sem_t>

    init() {
        unsafe raw = .allocate(capacity: 1)
        unsafe raw.initialize(to: sem_t())
        unsafe sem_init(raw, 0, 0)
    }

    deinit {
        unsafe sem_destroy(raw)
        unsafe raw.deallocate()
    }

    func signal() { unsafe sem_post(raw) }

    func wait() {
        while unsafe sem_wait(raw) != 0 {}
    }
}
