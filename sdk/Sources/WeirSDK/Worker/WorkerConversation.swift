import CWeirProcess
import Glibc
import WeirJSON
import WeirWorker

/// One request and its answer, over the socket of a worker.
struct WorkerConversation {
    enum Outcome {
        case answer(JSONValue)
        case error(ComponentError)
        case timeout
        case closed
        case cancelled
        case nonsense(String)
    }

    let socket: Int32
    /// Milliseconds between two looks at whether the call was cancelled.
    private static let slice: UInt64 = 100_000_000
    /// The last thing that the worker said it was going to do.
    private(set) var note: String?
    private var received: [UInt8] = []

    init(_ socket: Int32) { self.socket = socket }

    /// - Parameter end: a moment on this machine's own monotonic clock: a process of another
    ///   program lives in real time, also in tests.
    mutating func run(
        _ request: [UInt8], until end: UInt64, isCancelled: () -> Bool
    ) -> Outcome {
        if let failure = sendAll(WorkerWire.frame(request), end, isCancelled) { return failure }
        while true {
            while let body = message() {
                guard let body else { return .nonsense("a message of more than 16 MiB") }
                if let outcome = read(body) { return outcome }
            }
            if let failure = wait(Int16(POLLIN), end, isCancelled) { return failure }
            var chunk = [UInt8](repeating: 0, count: 16384)
            let count = unsafe recv(socket, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return .closed }
            received += chunk[..<count]
        }
    }

    private func sendAll(
        _ bytes: [UInt8], _ end: UInt64, _ isCancelled: () -> Bool
    ) -> Outcome? {
        var sent = 0
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe send(socket, $0.baseAddress! + sent, $0.count - sent, flags)
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                if let failure = wait(Int16(POLLOUT), end, isCancelled) { return failure }
            } else if errno != EINTR {
                return .closed
            }
        }
        return nil
    }

    /// Waits until the socket is ready; the outcome, if that is not to be.
    private func wait(_ events: Int16, _ end: UInt64, _ isCancelled: () -> Bool) -> Outcome? {
        while true {
            if isCancelled() { return .cancelled }
            let now = machineNanoseconds()
            guard now < end else { return .timeout }
            var waiting = pollfd(fd: socket, events: events, revents: 0)
            let slice = min(end - now, WorkerConversation.slice)
            if unsafe poll(&waiting, 1, Int32(slice / 1_000_000) + 1) > 0 { return nil }
        }
    }

    /// The next whole message. Inner `nil`: it is longer than any may be.
    private mutating func message() -> [UInt8]?? {
        guard let length = WorkerWire.length(received) else { return nil }
        guard length <= WorkerWire.longest else { return .some(nil) }
        guard received.count >= 4 + length else { return nil }
        let body = Array(received[4..<(4 + length)])
        received.removeFirst(4 + length)
        return body
    }

    private mutating func read(_ body: [UInt8]) -> Outcome? {
        let message: JSONValue
        do throws(JSONError) {
            message = try JSONValue(parsing: body)
        } catch {
            return .nonsense("no JSON: \(error)")
        }
        if let text = message["note"]?.stringValue {
            note = text
            return nil
        }
        if let answer = message["answer"] { return .answer(answer) }
        guard let name = message["error"]?.stringValue, let kind = WorkerError.Kind(rawValue: name)
        else { return .nonsense("neither answer nor error") }
        let text = message["message"]?.stringValue ?? ""
        switch kind {
        case .retry: return .error(.retry(text))
        case .refused: return .error(.refused(text))
        case .invalid: return .error(.invalid(text))
        case .unsupported: return .error(.unsupported(text))
        }
    }
}

/// Nanoseconds on the machine's monotonic clock.
func machineNanoseconds() -> UInt64 { weir_process_monotonic_nanoseconds() }
