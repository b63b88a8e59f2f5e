import CWeirProcess
import Glibc

/// A child process and the socket to it. The numbers only: who owns them closes and reaps.
struct SpawnedProcess: Sendable {
    let pid: pid_t
    let socket: Int32

    /// Starts it; the error says why that is not possible.
    static func start(_ program: WorkerProgram) throws(SpawnError) -> SpawnedProcess {
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &pair) == 0 else {
            throw SpawnError("no socket for it: \(SpawnError.text(errno))")
        }
        let (ours, theirs) = (pair[0], pair[1])
        var pid: pid_t = 0
        var environment = unsafe program.variables.map { unsafe strdup($0) } + [nil]
        let status = unsafe weir_process_start(program.path, &environment, theirs, &pid)
        unsafe environment.forEach { unsafe free($0) }
        close(theirs)
        guard status == 0 else {
            close(ours)
            throw SpawnError(SpawnError.text(status))
        }
        return SpawnedProcess(pid: pid, socket: ours)
    }

    /// Ends it, and what it has started itself. Not after `ended` has said how.
    func kill() { weir_process_kill(pid) }

    /// How it ended, or `nil` while it has not. After that the number belongs to nobody.
    func ended() -> String? {
        var status: Int32 = 0
        switch unsafe weir_process_ended(pid, &status) {
        case 0: return nil
        case 1: return "ended with status \(status)"
        case 2:
            guard let name = unsafe weir_process_signal_name(status) else {
                return "was ended by signal \(status)"
            }
            return unsafe "was ended by SIG\(String(cString: name))"
        default: return "ended, and something else has asked how"
        }
    }

    /// The same, waiting for it a little: an end that was asked for takes a moment.
    func ended(withinMilliseconds limit: Int) -> String? {
        for _ in 0..<limit {
            if let text = ended() { return text }
            _ = poll(nil, 0, 1)
        }
        return ended()
    }
}

struct SpawnError: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }

    /// `No such file or directory`.
    static func text(_ number: Int32) -> String {
        // Not strerror(): that one shares a buffer between threads.
        var buffer = [UInt8](repeating: 0, count: 256)
        let status = unsafe buffer.withUnsafeMutableBytes {
            unsafe strerror_r(number, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard status == 0 else { return "error \(number)" }
        return String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
    }
}
