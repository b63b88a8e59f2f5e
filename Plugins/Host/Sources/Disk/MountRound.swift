import Synchronization
import WeirSDK

/// The paths of one collection and their answers, shared by whoever waits and the threads that ask.
/// A thread that was given up finds that out when it comes back.
final class MountRound: Sendable {
    struct Position: Equatable {
        /// The path that is being asked.
        var index: Int
        /// Threads that were given up before.
        var thread: Int
    }

    private struct State {
        var answers: [FilesystemRoom?]
        var position = Position(index: 0, thread: 0)
        var isEnded = false
    }

    private let paths: [String]
    private let state: Mutex<State>
    /// Signalled when the last path has its answer.
    private let last = Semaphore()

    init(_ paths: [String]) {
        self.paths = paths
        state = Mutex(State(answers: Array(repeating: nil, count: paths.count)))
    }

    var position: Position { state.withLock { $0.position } }
    var isDone: Bool { state.withLock { $0.isEnded || $0.position.index >= $0.answers.count } }

    /// What the thread asks next; `nil`: nothing.
    func next(_ thread: Int) -> String? {
        state.withLock { state in
            guard !state.isEnded, state.position.thread == thread,
                state.position.index < paths.count
            else { return nil }
            return paths[state.position.index]
        }
    }

    /// Keeps an answer; false if the thread had been given up.
    func settle(_ thread: Int, _ answer: FilesystemRoom?) -> Bool {
        let (isTaken, isLast) = state.withLock { state in
            guard !state.isEnded, state.position.thread == thread else { return (false, false) }
            state.answers[state.position.index] = answer
            state.position.index += 1
            return (true, state.position.index == paths.count)
        }
        if isLast { last.signal() }
        return isTaken
    }

    /// Waits for the last answer; false if it did not come in time.
    func waits(_ time: Duration) -> Bool { last.wait(for: time) }

    /// Leaves the thread that is still there, and its path, which is the result; `nil` if it has
    /// moved on.
    func giveUp(_ position: Position) -> String? {
        state.withLock { state in
            guard !state.isEnded, state.position == position, position.index < paths.count else {
                return nil
            }
            state.position.index += 1
            state.position.thread += 1
            return paths[position.index]
        }
    }

    /// The answers that there are; what comes later is too late.
    func end() -> [FilesystemRoom?] {
        state.withLock { state in
            state.isEnded = true
            return state.answers
        }
    }
}
