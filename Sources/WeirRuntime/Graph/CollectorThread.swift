import Synchronization
import WeirSystem

/// The thread on which one exporter reads what it watches. It may block there for as long as it
/// likes, and no other exporter waits for it. Made at the first call; asleep between calls.
final class CollectorThread: Sendable {
    private struct State: Sendable {
        var calls: [@Sendable () -> Void] = []
        var isRunning = false
        var isEnded = false
    }

    private let state = Mutex(State())
    private let wake = ThreadSemaphore()

    /// Makes a call after those that were asked for before it. False: there is no thread to be had,
    /// or this one has ended.
    func run(_ call: @escaping @Sendable () -> Void) -> Bool {
        let isTaken = state.withLock { state -> Bool in
            if state.isEnded { return false }
            if !state.isRunning {
                guard DetachedThread.start({ [self] in loop() }) else { return false }
                state.isRunning = true
            }
            state.calls.append(call)
            return true
        }
        if isTaken { wake.signal() }
        return isTaken
    }

    /// Takes no more calls; the thread ends after those that it has.
    func end() {
        let isRunning = state.withLock { state in
            state.isEnded = true
            return state.isRunning
        }
        if isRunning { wake.signal() }
    }

    private func loop() {
        while true {
            wake.wait()
            let (call, isEnded) = state.withLock { state in
                (state.calls.isEmpty ? nil : state.calls.removeFirst(), state.isEnded)
            }
            if let call {
                call()
            } else if isEnded {
                return
            }
        }
    }
}
