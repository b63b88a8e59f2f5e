import Synchronization
import WeirSDK

/// What became of messages, told by any thread to the one that polls.
final class Inbox: Sendable {
    struct Letter: Sendable {
        let place: Place
        let assignment: Int
        let offset: Int64
        /// `nil`: delivered.
        let error: ComponentError?
    }

    private struct State {
        var letters: [Letter] = []
        var isOpen = true
    }

    private let state = Mutex(State())
    /// Counts up with each letter, for who waits for nothing else.
    let arrived = Semaphore()
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    func post(_ letter: Letter) {
        state.withLock { state in
            guard state.isOpen else { return }
            state.letters.append(letter)
            arrived.signal()
            // Under the lock: after close() there may be nothing left to wake.
            wake()
        }
    }

    func takeAll() -> [Letter] {
        state.withLock { state in
            defer { state.letters = [] }
            return state.letters
        }
    }

    /// Takes no more letters, and wakes nobody.
    func close() {
        state.withLock { $0 = State(isOpen: false) }
    }
}
