import Synchronization
import WeirNet

/// The streams of one component: closed when it ends, and cancelled when it is asked to stop.
final class ComponentStreams: Sendable {
    private struct State {
        var open: [ObjectIdentifier: ByteStream] = [:]
        var isStopping = false
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.open.count } }

    func add(_ stream: ByteStream) {
        let isStopping = state.withLock { state in
            state.open[ObjectIdentifier(stream)] = stream
            return state.isStopping
        }
        if isStopping { stream.cancel() }
    }

    func remove(_ stream: ByteStream) {
        state.withLock { _ = $0.open.removeValue(forKey: ObjectIdentifier(stream)) }
    }

    /// Ends what blocks, now and later.
    func cancel() {
        let open = state.withLock { state in
            state.isStopping = true
            return Array(state.open.values)
        }
        for stream in open { stream.cancel() }
    }

    /// How many were left open; they are closed.
    func end() -> Int {
        cancel()
        return state.withLock { state in
            defer { state.open = [:] }
            return state.open.count
        }
    }

    /// Takes streams again: an instance may be made anew.
    func begin() { state.withLock { $0.isStopping = false } }
}
