import Glibc
import Synchronization

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
    /// A pipe whose end becomes readable when the last path has its answer.
    private let reading: Int32
    private let writing: Int32

    init?(_ paths: [String]) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (reading, writing) = (ends[0], ends[1])
        self.paths = paths
        state = Mutex(State(answers: Array(repeating: nil, count: paths.count)))
    }

    deinit {
        close(reading)
        close(writing)
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
        if isLast { unsafe _ = write(writing, [UInt8(1)], 1) }
        return isTaken
    }

    /// Waits for the last answer; false if it did not come in time.
    func waits(_ time: Duration) -> Bool {
        var wanted = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        let (seconds, attoseconds) = time.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        return unsafe poll(&wanted, 1, Int32(clamping: max(1, milliseconds))) > 0
    }

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
