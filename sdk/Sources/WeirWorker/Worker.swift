import CWeirMemory
import Glibc
public import WeirJSON

/// The worker's side of a `WorkerProcess`: a program beside the plugin that calls what must not be
/// called in the host's process, because it may hang or crash.
///
/// ```swift
/// import WeirJSON
/// import WeirWorker
///
/// Worker.serve { request throws(WorkerError) in
///     Worker.note("sensor_read")
///     return .object([JSONMember("celsius", .number(sensor_read()))])
/// }
/// ```
///
/// Standard input, output and error are `/dev/null`. The program ends when its plugin does, also in
/// the middle of a call that hangs.
public enum Worker {
    /// Answers requests one after the other, on this thread, for ever.
    public static func serve(
        _ answer: (JSONValue) throws(WorkerError) -> JSONValue
    ) -> Never {
        guard let version = unsafe getenv(WorkerWire.variable) else {
            leave("this program is started by a plugin of weir; it does nothing on its own\n")
        }
        let found = unsafe String(cString: version)
        guard found == WorkerWire.version else {
            leave("the plugin speaks version \(found), this worker version \(WorkerWire.version)\n")
        }
        // A core would keep what requests have brought, secrets included.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        unsafe _ = setrlimit(Int32(RLIMIT_CORE.rawValue), &none)
        endWithTheHost()
        // What a library starts is not to hold the connection: its end says that this one has ended.
        _ = fcntl(WorkerWire.descriptor, F_SETFD, FD_CLOEXEC)
        var pending: [UInt8] = []
        var answers = 0
        while true {
            let body = read(&pending)
            let reply: JSONValue
            do throws(WorkerError) {
                reply = .object([JSONMember("answer", try answer(try parse(body)))])
            } catch {
                reply = .object([
                    JSONMember("error", .string(error.kind.rawValue)),
                    JSONMember("message", .string(error.message)),
                ])
            }
            write(reply)
            answers += 1
            // Loading libraries and opening devices is over.
            if answers == 2 { weir_memory_give_back() }
        }
    }

    /// Says what is done next. If it never ends, or ends this process, the host's message names the
    /// last note.
    public static func note(_ text: String) {
        write(.object([JSONMember("note", .string(text))]))
    }

    // MARK: The socket

    private static func parse(_ body: [UInt8]) throws(WorkerError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: body)
        } catch {
            throw WorkerError(.invalid, "the request is not JSON: \(error)")
        }
    }

    private static func read(_ pending: inout [UInt8]) -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 16384)
        while true {
            if let length = WorkerWire.length(pending) {
                guard length <= WorkerWire.longest else { exit(3) }
                if pending.count >= 4 + length {
                    let body = Array(pending[4..<(4 + length)])
                    pending.removeFirst(4 + length)
                    return body
                }
            }
            let count = unsafe recv(WorkerWire.descriptor, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            // The host is gone, and nobody wants an answer.
            guard count > 0 else { exit(0) }
            pending += chunk[..<count]
        }
    }

    private static func write(_ message: JSONValue) {
        let bytes = WorkerWire.frame(message.serializedBytes())
        var sent = 0
        unsafe bytes.withUnsafeBytes { buffer in
            while sent < buffer.count {
                let count = unsafe send(
                    WorkerWire.descriptor, buffer.baseAddress! + sent, buffer.count - sent,
                    Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { exit(0) }
                sent += count
            }
        }
    }

    /// A call that hangs would keep this process for ever after a host that was killed, so a thread
    /// of its own waits for the other end of the socket to close.
    private static func endWithTheHost() {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setstacksize(&attributes, 65536)
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, &attributes,
            { _ in
                // POLLHUP is always reported, whatever is asked for.
                var waiting = pollfd(fd: WorkerWire.descriptor, events: 0, revents: 0)
                while unsafe poll(&waiting, 1, -1) <= 0 {}
                _exit(0)
            }, nil)
        unsafe pthread_attr_destroy(&attributes)
        if status != 0 { leave("no thread to watch the host with: \(status)\n") }
    }

    private static func leave(_ reason: String) -> Never {
        let text = "weir worker: " + reason
        unsafe _ = Glibc.write(2, text, text.utf8.count)
        exit(2)
    }
}
