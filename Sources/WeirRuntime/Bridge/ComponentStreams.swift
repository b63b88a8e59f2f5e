import Synchronization
import WeirNet

/// The streams of one component: cancelled when it is asked to stop, or, those that it wants to use
/// in stop(), when that has ended; closed when it ends.
final class ComponentStreams: Sendable {
    private enum Stage: Int {
        case running
        /// It has been asked to stop.
        case stopping
        /// stop() has ended.
        case stopped
    }

    private struct Entry {
        let stream: ByteStream
        /// Until stop() has ended.
        let isKept: Bool

        func isOver(_ stage: Stage) -> Bool {
            stage.rawValue >= (isKept ? Stage.stopped : .stopping).rawValue
        }
    }

    private struct State {
        var open: [ObjectIdentifier: Entry] = [:]
        var stage = Stage.running
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.open.count } }

    func add(_ stream: ByteStream, isKept: Bool = false) {
        let isOver = state.withLock { state in
            let entry = Entry(stream: stream, isKept: isKept)
            state.open[ObjectIdentifier(stream)] = entry
            return entry.isOver(state.stage)
        }
        if isOver { stream.cancel() }
    }

    func remove(_ stream: ByteStream) {
        state.withLock { _ = $0.open.removeValue(forKey: ObjectIdentifier(stream)) }
    }

    /// It is asked to stop: what blocks ends, now and later.
    func cancel() { cancel(.stopping) }

    /// stop() has ended: no stream is of any use.
    func cancelAll() { cancel(.stopped) }

    private func cancel(_ stage: Stage) {
        let over = state.withLock { state in
            if state.stage.rawValue < stage.rawValue { state.stage = stage }
            return state.open.values.filter { $0.isOver(stage) }.map(\.stream)
        }
        for stream in over { stream.cancel() }
    }

    /// How many were left open; they are closed.
    func end() -> Int {
        cancelAll()
        return state.withLock { state in
            defer { state.open = [:] }
            return state.open.count
        }
    }

    /// Takes streams again: an instance may be made anew.
    func begin() { state.withLock { $0.stage = .running } }
}
