import Synchronization
import WeirNet

/// The requests of one client that its plugin may cancel, by the numbers that it gave them.
final class CancellableCalls: Sendable {
    private enum Call: Sendable {
        /// On its way into the client.
        case beginning
        case cancelled
        case underWay(ClientCall)
    }

    private let calls = Mutex<[UInt64: Call]>([:])

    /// 0 is nobody's number.
    func begin(_ id: UInt64) {
        guard id != 0 else { return }
        calls.withLock { $0[id] = .beginning }
    }

    /// The client has it, if it did not answer at once. True: it was cancelled meanwhile.
    func sent(_ id: UInt64, _ call: ClientCall) -> Bool {
        guard id != 0 else { return false }
        return calls.withLock { calls in
            switch calls[id] {
            case .cancelled: return true
            case .beginning: calls[id] = .underWay(call)
            case .underWay, nil: break
            }
            return false
        }
    }

    func end(_ id: UInt64) {
        guard id != 0 else { return }
        calls.withLock { $0[id] = nil }
    }

    /// The request to cancel, if it is under way.
    func cancel(_ id: UInt64) -> ClientCall? {
        calls.withLock { calls in
            switch calls[id] {
            case .underWay(let call): return call
            case .beginning: calls[id] = .cancelled
            case .cancelled, nil: break
            }
            return nil
        }
    }
}
