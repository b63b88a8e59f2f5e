import Glibc
import Logging
import NIOCore
import NIOPosix
import Synchronization
import WeirJSON
import WeirStorage
import WeirTelemetry

/// Where a sink's refused items go: a line of JSON for each part of a batch, with the time, the
/// sink, the reason and the items as an OTLP/JSON request, which can be sent again.
///
/// Bounded: a file that is full is put aside as `PATH.1`, in place of the one before it. What cannot
/// be written is lost with a word in the log; it was counted as dropped before.
final class DeadLetterFile: Sendable {
    let path: String
    private let limit: Int
    private let written = Atomic<Int>(0)
    /// Where the file ends; `nil`: it is not open.
    private let state = Mutex<(file: Int32, size: Int)?>(nil)

    init(path: String, limit: Int) {
        self.path = path
        self.limit = limit
    }

    deinit { state.withLock { if let current = $0 { _ = close(current.file) } } }

    /// Makes the file, and folders that are not there: what cannot be written is better known at the
    /// start than with the first item that is lost.
    func prepare() throws(StorageError) {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try Directory.make(String(path[..<slash]))
        }
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StorageError("write refused items to", path, errno: errno) }
        _ = close(file)
    }

    /// Batches that were written.
    var lines: Int { written.load(ordering: .relaxed) }

    /// Writes a batch down, later, on a thread that may block.
    func add(_ batch: HostBatch, of instance: ComponentInstance, reason: String) {
        let nano = instance.services.time.unixNano
        let bytes = batch.detached()
        instance.services.blocking.submit { _ in
            guard let why = self.write(bytes, sink: instance.key, reason: reason, nano) else {
                return instance.counters.kept.add(bytes.items, bytes.signal)
            }
            instance.warnOnce("cannot write refused items to '\(self.path)': \(why)")
        }
    }

    /// Why it failed, if it did.
    private func write(
        _ batch: HostBatch, sink: String, reason: String, _ unixNano: UInt64
    ) -> String? {
        var lines: [UInt8] = []
        for part in batch.parts {
            do throws(WireError) {
                let request = try json(part.readableBytesSpan, as: batch.signal)
                let items = try scan(part.readableBytesSpan, as: batch.signal).items
                lines += Self.head(batch.signal, items, sink, reason, unixNano)
                lines += request
                lines += "}\n".utf8
            } catch {
                return "\(error)"
            }
        }
        return state.withLock { state in append(lines, &state) }
    }

    private static func head(
        _ signal: Signal, _ items: Int, _ sink: String, _ reason: String, _ unixNano: UInt64
    ) -> [UInt8] {
        let head = JSONValue.object([
            JSONMember("time_unix_nano", .string("\(unixNano)")),
            JSONMember("sink", .string(sink)), JSONMember("reason", .string(reason)),
            JSONMember("signal", .string(signal.name)),
            JSONMember("items", .integer(Int64(items))),
        ]).serialized()
        return Array((head.dropLast() + ",\"request\":").utf8)
    }

    private func append(
        _ bytes: [UInt8], _ state: inout sending (file: Int32, size: Int)?
    ) -> String? {
        if let current = state, current.size > 0, current.size + bytes.count > limit {
            _ = close(current.file)
            state = nil
            guard unsafe rename(path, path + ".1") == 0 else {
                return unsafe String(cString: strerror(errno))
            }
        }
        if state == nil {
            let file = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard file >= 0 else { return unsafe String(cString: strerror(errno)) }
            state = (file, Int(lseek(file, 0, SEEK_END)))
        }
        guard let current = state else { return nil }
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(current.file, $0.baseAddress, $0.count)
        }
        guard count == bytes.count else {
            let why = unsafe count < 0 ? String(cString: strerror(errno)) : "the disk is full"
            // Half a line would spoil the next one.
            _ = ftruncate(current.file, off_t(current.size))
            return why
        }
        state?.size += count
        written.add(1, ordering: .relaxed)
        return nil
    }
}
