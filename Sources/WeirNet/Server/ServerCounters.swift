import Synchronization

/// What a server has seen since it started; read from any thread.
package final class ServerCounters: Sendable {
    package struct Values: Sendable, Hashable {
        package var connections = 0
        package var openConnections = 0
        package var connectionsRefused = 0
        package var requests = 0
        package var refusedByAdmission = 0
        package var refusedTooLarge = 0
        package var refusedMalformed = 0
        package var timeouts = 0
        package var protocolErrors = 0
        package var mismatches: [ProtocolMismatch.Kind: Int] = [:]
        package var unanswered = 0
        package var answeredTwice = 0
        package var bytesReceived = 0
    }
    private let values = Mutex(Values())

    // These two change with each request: they stay outside the lock.
    private let requests = Atomic<Int>(0)
    private let bytesReceived = Atomic<Int>(0)

    /// A copy of all values.
    package var snapshot: Values {
        var copy = values.withLock { $0 }
        copy.requests = requests.load(ordering: .relaxed)
        copy.bytesReceived = bytesReceived.load(ordering: .relaxed)
        return copy
    }

    func addRequest(bytes: Int) {
        requests.wrappingAdd(1, ordering: .relaxed)
        bytesReceived.wrappingAdd(bytes, ordering: .relaxed)
    }

    func add(_ counter: any WritableKeyPath<Values, Int> & Sendable, _ amount: Int = 1) {
        values.withLock { $0[keyPath: counter] += amount }
    }

    func add(mismatch kind: ProtocolMismatch.Kind) {
        values.withLock { $0.mismatches[kind, default: 0] += 1 }
    }
}
