import Glibc
import Synchronization
public import WeirJSON

/// A program of the plugin's own that does what must not be done in the host's process, because it
/// may hang or crash: calls into a vendor's library, say.
///
/// ```swift
/// let worker = WorkerProcess(.besidePlugin("weir-sensor-worker"), host: host)
/// let answer = try worker.request(.object([JSONMember("read", .string("probe 1"))]), deadline: deadline)
/// ...
/// worker.stop()    // in the component's stop()
/// ```
///
/// The program's side is `Worker.serve` of the module `WeirWorker`. It is started by the first
/// request. One that has not answered by the deadline is killed; one that failed is started again by
/// a later request, after one second, two, four, up to a minute. It has no descriptors of the host,
/// of its environment next to nothing, and ends when the host does. Secrets belong in requests.
public final class WorkerProcess: Sendable {
    private struct State {
        var process: SpawnedProcess?
        var isInUse = false
        var isStopped = false
        var backoff = Backoff()
        var lastFailure = ""
        var starts = 0
        /// Killed, and not ended when it was last looked at: a driver may hold a process for a while.
        var dying: [SpawnedProcess] = []

        mutating func reap() { dying.removeAll { $0.ended() != nil } }
    }

    private let program: WorkerProgram
    private let host: Host
    private let state = Mutex(State())

    public init(_ program: WorkerProgram, host: Host) {
        self.program = program
        self.host = host
    }

    deinit { stop() }

    /// How often the program was started.
    public var starts: Int { state.withLock { $0.starts } }

    /// The process, while there is one.
    public var processID: Int32? { state.withLock { $0.process?.pid } }

    /// Sends a request and waits for its answer, at most until shortly before the deadline.
    /// One request at a time. [any thread that may block]
    ///
    /// - Parameter limit: how long without a deadline, and at most with one.
    public func request(
        _ request: JSONValue, deadline: Deadline, limit: Duration = .seconds(10)
    ) throws(WorkerFailure) -> JSONValue {
        // What is left is needed to kill, to reap and to write down what happened.
        let left = host.remaining(until: deadline).map { $0 - min(.milliseconds(200), $0 / 10) }
        let moment = machineNanoseconds() &+ min(left ?? limit, limit).clampedNanoseconds
        let process = try take()
        var conversation = WorkerConversation(process.socket)
        let outcome = conversation.run(request.serializedBytes(), until: moment) { [host] in
            host.isCancelled
        }
        let during = conversation.note.map { " during \($0)" } ?? ""
        let name = program.name
        switch outcome {
        case .answer(let answer):
            giveBack()
            return answer
        case .error(let error):
            giveBack()
            throw .answered(error)
        case .timeout:
            let limit = Double(min(left ?? limit, limit).clampedNanoseconds) / 1e9
            let seconds = Double(Int(limit * 10)) / 10
            let message = "no answer from \(name) within \(seconds) s\(during); it was killed"
            end(process, message)
            throw .timeout(message)
        case .closed:
            let message = end(process, nil, during)
            throw isStopped ? .cancelled("the component is stopping") : .died(message)
        case .nonsense(let found):
            let message = "\(name) answered with \(found); expected a message of the SDK's Worker"
            end(process, message)
            throw .died(message)
        case .cancelled:
            end(process, "the call was cancelled\(during)")
            throw .cancelled("the host gave up waiting\(during); \(name) was killed")
        }
    }

    /// Kills the program because what it is connected to has failed: the next request starts another
    /// one, with nothing of this one's state, when the backoff has passed.
    public func restart(because reason: String) {
        let process = state.withLock { state -> SpawnedProcess? in
            guard !state.isInUse, let process = state.process else { return nil }
            state.isInUse = true
            return process
        }
        if let process { end(process, reason) }
    }

    /// Ends the program for good, also if a request is under way on another thread. [any thread]
    public func stop() {
        let idle = state.withLock { state -> SpawnedProcess? in
            state.isStopped = true
            // The thread that waits for the answer sees the end, and reaps.
            if let process = state.process { process.kill() }
            guard !state.isInUse, let process = state.process else { return nil }
            state.isInUse = true
            return process
        }
        if let idle { end(idle, "the component was stopped") }
        state.withLock { state in
            for process in state.dying { _ = process.ended(withinMilliseconds: 200) }
            state.dying = []
        }
    }

    // MARK: Taking and giving back

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    /// The process that runs, or a new one; from then on it is in use.
    private func take() throws(WorkerFailure) -> SpawnedProcess {
        let now = host.monotonic
        enum Found { case process(SpawnedProcess), none, failure(WorkerFailure) }
        let found = state.withLock { state -> Found in
            if state.isStopped { return .failure(.cancelled("the component was stopped")) }
            if state.isInUse { return .failure(.waiting("a request is under way already")) }
            state.reap()
            if let wait = state.backoff.wait(at: now) {
                let seconds = wait.components.seconds + 1
                return .failure(.waiting("\(state.lastFailure) (next attempt in \(seconds) s)"))
            }
            state.isInUse = true
            guard let process = state.process else { return .none }
            // It answered, and the component did not find that it had to be restarted.
            state.backoff.succeeded()
            return .process(process)
        }
        switch found {
        case .process(let process): return process
        case .failure(let failure): throw failure
        case .none: return try start()
        }
    }

    private func start() throws(WorkerFailure) -> SpawnedProcess {
        do throws(SpawnError) {
            let process = try SpawnedProcess.start(program)
            state.withLock { state in
                state.process = process
                state.starts += 1
                if state.isStopped { process.kill() }
            }
            return process
        } catch {
            let now = host.monotonic
            let message =
                "\(program.path) cannot be started: \(error.reason); it belongs beside the plugin's "
                + "library, in the same folder"
            giveBack { state in
                state.backoff.failed(at: now)
                state.lastFailure = message
            }
            throw .start(message)
        }
    }

    private func giveBack(_ change: (inout sending State) -> Void = { _ in }) {
        state.withLock { state in
            state.isInUse = false
            change(&state)
        }
    }

    /// Ends a process that is in use, gives everything back, and says how it ended.
    @discardableResult
    private func end(
        _ process: SpawnedProcess, _ reason: String?, _ during: String = ""
    ) -> String {
        let now = host.monotonic
        // From here on its number is not for stop(): once it is reaped it may be another's.
        state.withLock { $0.process = nil }
        // One that closed its socket is about to end by itself: how, is what people want to know.
        var ended = reason == nil ? process.ended(withinMilliseconds: 100) : nil
        if ended == nil { process.kill() }
        let isGone = ended != nil || process.ended(withinMilliseconds: 100) != nil
        ended = ended ?? "closed its connection and was killed"
        let message = reason ?? "\(program.name) \(ended!)\(during)"
        close(process.socket)
        giveBack { state in
            state.backoff.failed(at: now)
            state.lastFailure = message
            if !isGone { state.dying.append(process) }
        }
        return message
    }
}

extension WorkerProgram {
    /// The last part of the path.
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}
