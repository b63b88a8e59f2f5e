import Synchronization
import WeirSDK

/// One thread for what must not hold up the host's threads: reading large expositions, relabelling
/// what discovery found, and closing clients, which waits for their connections' threads.
///
/// The host has threads that may block for sinks and exporters, not for receivers.
final class Worker: Sendable {
    typealias Job = @Sendable () -> Void

    private struct State: Sendable {
        var jobs: [Job] = []
        var isEnding = false
        var thread: RunningThread?
    }

    private let state = Mutex(State())
    private let semaphore = Semaphore()

    /// Runs later, after what was submitted before it; the first job starts the thread.
    ///
    /// - Returns: `false` once `finish` was called: nothing runs any more.
    @discardableResult
    func submit(_ job: @escaping Job) -> Bool {
        let isQueued: Bool? = state.withLock { state in
            guard !state.isEnding else { return nil }
            if state.thread == nil { state.thread = Threads.start { [self] in run() } }
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
        thread.join()
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
