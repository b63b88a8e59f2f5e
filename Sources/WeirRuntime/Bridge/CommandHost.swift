import CWeir
import CWeirSystem
import Glibc

extension PluginLibrary {
    /// Runs a command of this plugin on the calling thread, with the standard streams of the process.
    /// `nil`: it has no such command.
    package func run(command name: String, arguments: [String]) -> Int32? {
        guard let command = command(name) else { return nil }
        let breadcrumb = unsafe strdup("command \(name) (plugin \(manifest.id))")
        let before = unsafe weir_crash_enter(breadcrumb)
        defer { unsafe weir_crash_leave(before) }
        // Never freed: a thread that the command leaves behind may still use them.
        let host = UnsafeMutablePointer<weir_host>.allocate(capacity: 1)
        unsafe host.initialize(to: CommandHost.functions)
        let io = UnsafeMutablePointer<weir_command_io>.allocate(capacity: 1)
        unsafe io.initialize(
            to: weir_command_io(
                size: UInt32(MemoryLayout<weir_command_io>.size), reserved: 0, context: nil,
                host: host, write: CommandHost.write, read: CommandHost.read))
        let text = arguments.flatMap { Array($0.utf8) }
        return unsafe text.withUnsafeBufferPointer { text in
            var offset = 0
            let slices = unsafe arguments.map { argument in
                let count = argument.utf8.count
                defer { offset += count }
                return unsafe weir_slice(
                    UnsafeBufferPointer(rebasing: text[offset..<offset + count]))
            }
            return unsafe slices.withUnsafeBufferPointer { slices in
                unsafe command.pointer.pointee.run(
                    command.pointer, slices.baseAddress, slices.count, io)
            }
        }
    }
}

/// What a command gets of the host: its words, the time, and what needs no running graph.
private enum CommandHost {
    static var functions: weir_host {
        var functions = unsafe DetachedHost.functions
        unsafe functions.log = { _, level, message in
            guard level >= UInt32(WEIR_LOG_WARNING) else { return }
            put(unsafe Array("weir: \(message.string)\n".utf8), STDERR_FILENO)
        }
        unsafe functions.log_enabled = { _, level in level >= UInt32(WEIR_LOG_WARNING) }
        unsafe functions.extension = { _, id in
            unsafe HostExtensions.findDetached(String(cString: id!))
        }
        return unsafe functions
    }

    static let write: @convention(c) (UnsafePointer<weir_command_io>?, UInt32, weir_slice) -> Bool =
        {
            _, stream, text in
            let isError = stream == UInt32(WEIR_STDERR)
            return put(unsafe text.bytes, isError ? STDERR_FILENO : STDOUT_FILENO)
        }

    static let read:
        @convention(c) (
            UnsafePointer<weir_command_io>?, UnsafeMutablePointer<UInt8>?, Int
        ) -> Int = { _, bytes, capacity in
            while true {
                let count = unsafe Glibc.read(STDIN_FILENO, bytes, capacity)
                if count >= 0 { return count }
                if errno != EINTR { return 0 }
            }
        }
}

@discardableResult
private func put(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
    }
    return true
}
