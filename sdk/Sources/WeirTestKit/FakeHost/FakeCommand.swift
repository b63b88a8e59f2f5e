import CWeir
import Synchronization
public import WeirSDK

/// What a command did.
public struct CommandResult: Sendable {
    public var status: Int32
    public var output: String
    public var errors: String
}

extension FakeHost {
    /// Runs a command of a plugin through the C table, with `input` as standard input.
    public func run(
        _ plugin: Plugin, command name: String, _ arguments: [String] = [], input: [UInt8] = []
    ) throws(ComponentError) -> CommandResult {
        let table = unsafe plugin.table.assumingMemoryBound(to: weir_plugin.self)
        for index in unsafe 0..<Int(table.pointee.command_count) {
            let command = unsafe table.pointee.commands[index]!
            guard unsafe String(cString: command.pointee.name) == name else { continue }
            let streams = FakeStreams(input)
            var io = unsafe weir_command_io(
                size: UInt32(MemoryLayout<weir_command_io>.size), reserved: 0,
                context: Unmanaged.passUnretained(streams).toOpaque(), host: self.table,
                write: FakeStreams.write, read: FakeStreams.read)
            let status = unsafe withSlices(arguments) {
                unsafe command.pointee.run(command, $0.baseAddress, $0.count, &io)
            }
            return withExtendedLifetime(streams) { streams.result(status) }
        }
        throw .unsupported("the plugin has no command \"\(name)\"")
    }
}

/// Lends texts in the form of the ABI for the time of a call.
private func withSlices<R>(
    _ texts: [String], _ body: (UnsafeBufferPointer<weir_slice>) -> R
) -> R {
    let bytes = texts.flatMap { Array($0.utf8) }
    return unsafe bytes.withUnsafeBufferPointer { bytes in
        var offset = 0
        let slices = unsafe texts.map { text in
            defer { offset += text.utf8.count }
            return unsafe weir_slice(
                data: bytes.baseAddress.map { unsafe $0 + offset }, length: text.utf8.count)
        }
        return unsafe slices.withUnsafeBufferPointer { unsafe body($0) }
    }
}

private final class FakeStreams: Sendable {
    private let state: Mutex<(input: ArraySlice<UInt8>, output: [UInt8], errors: [UInt8])>

    init(_ input: [UInt8]) { state = Mutex((input[...], [], [])) }

    func result(_ status: Int32) -> CommandResult {
        state.withLock {
            CommandResult(
                status: status, output: String(decoding: $0.output, as: UTF8.self),
                errors: String(decoding: $0.errors, as: UTF8.self))
        }
    }

    private static func of(_ io: UnsafePointer<weir_command_io>?) -> FakeStreams {
        unsafe Unmanaged<FakeStreams>.fromOpaque(io!.pointee.context).takeUnretainedValue()
    }

    static let write: @convention(c) (UnsafePointer<weir_command_io>?, UInt32, weir_slice) -> Bool =
        { io, stream, text in
            let bytes = unsafe Array(text.bytes)
            unsafe of(io).state.withLock { state in
                if stream == UInt32(WEIR_STDERR) {
                    state.errors += bytes
                } else {
                    state.output += bytes
                }
            }
            return true
        }

    static let read:
        @convention(c) (
            UnsafePointer<weir_command_io>?, UnsafeMutablePointer<UInt8>?, Int
        ) -> Int = { io, target, capacity in
            let bytes = unsafe of(io).state.withLock { state in
                defer { state.input = state.input.dropFirst(capacity) }
                return state.input.prefix(capacity)
            }
            for (index, byte) in bytes.enumerated() { unsafe target![index] = byte }
            return bytes.count
        }
}
