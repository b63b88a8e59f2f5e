import Glibc
import Synchronization

extension Client {
    /// Sends a request and waits for the answer, whatever its code: for `collect` and other calls
    /// that may block, never for handlers and timers.
    ///
    /// It returns by the deadline, and soon after the host asks for an end; the request is then
    /// cancelled.
    ///
    /// - Parameters: as of ``send(_:_:headers:_:deadline:maxBody:acceptsCompressed:onChunk:_:)``.
    /// - Throws: why there is no answer; `timeout` once the deadline has passed, `cancelled` if the
    ///   call is to end.
    public func ask(
        _ method: String, _ path: String, headers: [Header] = [], _ body: Body = .none,
        deadline: Deadline = .none, maxBody: Int? = nil, acceptsCompressed: Bool = false
    ) throws(ComponentError) -> Answer {
        guard !host.hasPassed(deadline) else {
            throw .timeout("no time was left for \(method) \(path)")
        }
        let waiting = AnswerWait()
        let call = try send(
            method, path, headers: headers, body, deadline: deadline, maxBody: maxBody,
            acceptsCompressed: acceptsCompressed
        ) { reply in
            if let failure = reply.failure {
                waiting.end(.failure(failure))
            } else {
                waiting.end(.success(Answer(reply)))
            }
        }
        while true {
            if let result = waiting.result(within: 50) { return try result.get() }
            if host.isCancelled {
                call.cancel()
                throw .cancelled("\(method) \(path) was given up, because the host asks for an end")
            }
            if host.hasPassed(deadline) {
                call.cancel()
                throw .timeout("\(method) \(path) was not answered in time")
            }
        }
    }
}

/// Where the thread that asks meets the one that brings the answer.
private final class AnswerWait: Sendable {
    private let found = Mutex<Result<Answer, ComponentError>?>(nil)
    /// A pipe that is closed at one end once the result is there; -1: none was to be had.
    private let reading: Int32
    private let writing: Atomic<Int32>

    init() {
        var ends: [Int32] = [-1, -1]
        if unsafe pipe(&ends) != 0 { ends = [-1, -1] }
        for end in ends where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reading = ends[0]
        writing = Atomic(ends[1])
    }

    deinit {
        closeWriting()
        if reading >= 0 { close(reading) }
    }

    func end(_ result: Result<Answer, ComponentError>) {
        found.withLock { $0 = result }
        closeWriting()
    }

    private func closeWriting() {
        let end = writing.exchange(-1, ordering: .acquiringAndReleasing)
        if end >= 0 { close(end) }
    }

    /// The result, if it comes within so many milliseconds. How long a thread sleeps is the
    /// system's business: the host's clock may be virtual.
    func result(within milliseconds: Int32) -> Result<Answer, ComponentError>? {
        var entry = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        if let found = found.withLock({ $0 }) { return found }
        _ = unsafe poll(&entry, 1, milliseconds)
        return found.withLock { $0 }
    }
}
