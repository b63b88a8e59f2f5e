import Glibc
import WeirJSON
import WeirWorker

Worker.serve { request throws(WorkerError) in
    switch request["do"]?.stringValue {
    case "echo": return request
    case "environment":
        // environ itself is not for strict Swift; what was inherited is in /proc.
        return .string(text(of: "/proc/self/environ"))
    case "command line": return .string(text(of: "/proc/self/cmdline"))
    case "descriptors":
        var found: [JSONValue] = []
        for number in Int32(0)..<1024 where fcntl(number, F_GETFD) >= 0 {
            found.append(.integer(Int64(number)))
        }
        return .array(found)
    case "resident": return .string(text(of: "/proc/self/status"))
    case "refuse": throw WorkerError(.refused, "the sensor says no")
    case "hang":
        Worker.note("sensor_read")
        while true { sleep(1000) }
    case "abort":
        Worker.note("sensor_open")
        abort()
    case "start a program":
        var pid: pid_t = 0
        let name = unsafe strdup("sleep")
        let time = unsafe strdup("1000")
        let arguments = unsafe [name, time, nil]
        let status = unsafe posix_spawn(&pid, "/bin/sleep", nil, nil, arguments, nil)
        return status == 0 ? .integer(Int64(pid)) : .null
    case "exit": exit(7)
    case "print":
        print("noise on standard output")
        return .null
    default: throw WorkerError(.invalid, "nothing to do in \(request.serialized())")
    }
}

func text(of path: String) -> String {
    let file = unsafe open(path, O_RDONLY)
    defer { close(file) }
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = unsafe read(file, &chunk, chunk.count)
        guard count > 0 else { return String(decoding: all, as: UTF8.self) }
        all += chunk[..<count]
    }
}
