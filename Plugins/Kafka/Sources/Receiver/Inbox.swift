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

    private let letters = Mutex<[Letter]>([])
    /// Counts up with each letter, for who waits for nothing else.
    let arrived = Semaphore()
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    func post(_ letter: Letter) {
        letters.withLock { $0.append(letter) }
        arrived.signal()
        wake()
    }

    func takeAll() -> [Letter] {
        letters.withLock { letters in
            defer { letters = [] }
            return letters
        }
    }
}
