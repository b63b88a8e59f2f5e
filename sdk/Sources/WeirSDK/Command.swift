import CWeir

/// A command that a plugin adds to `weir`: `weir NAME ARGUMENT...`.
///
/// Name and summary stand in `plugin.json`, too, so that `weir --help` runs no code of the plugin.
public struct Command: Sendable {
    public let name: String
    let run: @Sendable ([String], CommandIO) -> Int32

    /// A command. `run` gets the arguments after the name and returns the exit status: 0 all is
    /// well, 1 it failed, 64 the arguments are wrong. It may block, and runs on the main thread.
    public static func command(
        _ name: String, _ run: @escaping @Sendable (_ arguments: [String], CommandIO) -> Int32
    ) -> Command {
        Command(name: name, run: run)
    }
}

/// What a command works with, until it returns. Any thread.
@safe public struct CommandIO: @unchecked Sendable {  // Sendable: a constant table
    private let raw: UnsafePointer<weir_command_io>
    /// Log (to standard error), clocks, and the extensions that need no running graph: `hash`,
    /// `regex`, `documents`.
    public let host: Host

    init(_ raw: UnsafePointer<weir_command_io>) {
        unsafe self.raw = raw
        host = unsafe Host(raw.pointee.host)
    }

    /// Writes to standard output. False: nobody reads it any more.
    @discardableResult
    public func write(_ text: String) -> Bool { write(text, WEIR_STDOUT) }

    /// Writes to standard error.
    @discardableResult
    public func writeError(_ text: String) -> Bool { write(text, WEIR_STDERR) }

    private func write(_ text: String, _ stream: Int) -> Bool {
        unsafe withSlice(text) { unsafe raw.pointee.write(raw, UInt32(stream), $0) }
    }

    /// Standard input to its end.
    public func readAll() -> [UInt8] {
        var input: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBufferPointer {
                unsafe raw.pointee.read(raw, $0.baseAddress, $0.count)
            }
            if count == 0 { return input }
            input += chunk.prefix(count)
        }
    }
}

/// What `weir_command.context` points to.
final class CommandBox: Sendable {
    let command: Command
    init(_ command: Command) { self.command = command }

    static let run:
        @convention(c) (
            UnsafePointer<weir_command>?, UnsafePointer<weir_slice>?, Int,
            UnsafePointer<weir_command_io>?
        ) -> Int32 = { command, arguments, count, io in
            let box = unsafe Unmanaged<CommandBox>.fromOpaque(command!.pointee.context)
            let texts = unsafe UnsafeBufferPointer(start: arguments, count: count).map {
                unsafe $0.string
            }
            return unsafe box.takeUnretainedValue().command.run(texts, CommandIO(io!))
        }
}
