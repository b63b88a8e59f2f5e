import Glibc

/// A child process with a time limit; what it writes to standard error is kept.
struct ChildProcess {
    /// Why it did not end with status 0, or nil.
    let failure: String?

    static func run(_ arguments: [String], seconds: Int) -> ChildProcess {
        var pipe: [Int32] = [0, 0]
        guard unsafe Glibc.pipe(&pipe) == 0 else {
            return ChildProcess(failure: "cannot make a pipe: \(errno)")
        }
        for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(pipe[0]) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, pipe[1], STDERR_FILENO)
        unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe []
        for argument in arguments { unsafe pointers.append(strdup(argument)) }
        unsafe pointers.append(nil)
        defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
        var child = pid_t()
        let status = unsafe posix_spawn(
            &child, arguments[0], &actions, nil, &pointers, environ)
        close(pipe[1])
        guard status == 0 else {
            return ChildProcess(
                failure: unsafe "cannot start: " + String(cString: strerror(status)))
        }
        let (text, inTime) = read(pipe[0], seconds: seconds)
        if !inTime { kill(child, SIGKILL) }
        var result: Int32 = 0
        while unsafe waitpid(child, &result, 0) < 0, errno == EINTR {}
        return ChildProcess(
            failure: inTime ? explain(result, text) : "did not end within \(seconds) s")
    }

    /// Reads until the child has closed its end, or the time is over.
    private static func read(_ descriptor: Int32, seconds: Int) -> (text: String, inTime: Bool) {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        let end = now.tv_sec + seconds
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            unsafe clock_gettime(CLOCK_MONOTONIC, &now)
            let left = end - now.tv_sec
            guard left > 0 else { return (String(decoding: bytes, as: UTF8.self), false) }
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe Glibc.poll(&poll, 1, Int32(left * 1000)) > 0 else { continue }
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return (String(decoding: bytes, as: UTF8.self), true) }
            bytes += chunk.prefix(count)
        }
    }

    private static func explain(_ status: Int32, _ text: String) -> String? {
        let signal = status & 0x7f
        let last = text.split(separator: "\n").first { $0.hasPrefix("weir: crashed") }
        if signal != 0 {
            let name = unsafe String(cString: strsignal(signal))
            return "crashed (\(name))" + (last.map { ": \($0)" } ?? "")
        }
        let code = (status >> 8) & 0xff
        if code == 0 { return nil }
        let lines = text.split(separator: "\n").joined(separator: " ")
        return lines.isEmpty ? "ended with status \(code)" : lines
    }
}
