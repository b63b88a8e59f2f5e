import Glibc
import Synchronization

/// The thread on which one exporter reads what it watches. It may block there for as long as it
/// likes, and no other exporter waits for it. Made at the first call; asleep between calls.
@safe final class CollectorThread: @unchecked Sendable {
    // @unchecked: state under its mutex, the semaphore is any-thread
    private struct State {
        var calls: [@Sendable () -> Void] = []
        var isRunning = false
        var isEnded = false
    }

    private let state = Mutex(State())
    private let wake: UnsafeMutablePointer<sem_t>

    init() {
        unsafe wake = .allocate(capacity: 1)
        unsafe sem_init(wake, 0, 0)
    }

    deinit {
        unsafe sem_destroy(wake)
        unsafe wake.deallocate()
    }

    /// Makes a call after those that were asked for before it. False: there is no thread to be had,
    /// or this one has ended.
    func run(_ call: @escaping @Sendable () -> Void) -> Bool {
        let isTaken = state.withLock { state -> Bool in
            if state.isEnded { return false }
            if !state.isRunning {
                guard start() else { return false }
                state.isRunning = true
            }
            state.calls.append(call)
            return true
        }
        if isTaken { unsafe sem_post(wake) }
        return isTaken
    }

    /// Takes no more calls; the thread ends after those that it has.
    func end() {
        let isRunning = state.withLock { state in
            state.isEnded = true
            return state.isRunning
        }
        if isRunning { unsafe sem_post(wake) }
    }

    private func start() -> Bool {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let status = unsafe pthread_create(
            &thread, nil,
            {
                unsafe Unmanaged<CollectorThread>.fromOpaque($0!).takeRetainedValue().loop()
                return nil
            }, context)
        guard status == 0 else {
            unsafe Unmanaged<CollectorThread>.fromOpaque(context).release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func loop() {
        while true {
            while unsafe sem_wait(wake) != 0 {}
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
