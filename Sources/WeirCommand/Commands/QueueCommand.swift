import ArgumentParser
import NIOCore
import WeirRuntime
import WeirStorage
import WeirTelemetry

/// What lies in the durable queue of a sink, for people.
struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Looks into the queue of a sink on disk, empties it, repairs it.",
        discussion: """
            DIRECTORY is the folder of one sink below that of file_storage: \
            /var/lib/weir/file_storage/sink-otlp.
            """,
        subcommands: [Inspect.self, Drain.self, Repair.self])

    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect", abstract: "Says what is in a queue.",
            discussion: """
                Reads every record and changes nothing; a running weir is not disturbed. Exit status \
                1: something in it is damaged, and not in quarantine yet.
                """)

        @Argument(help: "The folder of the queue.") var directory: String

        func run() throws {
            let report = try QueueCommand.attempt { () throws(StorageError) in
                try QueueReport(directory)
            }
            guard report.isThere else {
                Terminal.errors.line(
                    "weir: there is no queue in \(directory): expected the folder of one sink, such "
                        + "as sink-otlp, below that of file_storage")
                throw ExitCode.couldNotStart
            }
            let rows = report.pending.sorted { $0.key < $1.key }.map { signal, pending in
                [
                    WeirTelemetry.Signal(rawValue: UInt32(signal))?.name ?? "signal \(signal)",
                    "\(pending.records)", "\(pending.items)", "\(pending.bytes)",
                ]
            }
            let terminal = Terminal.output
            if rows.isEmpty {
                terminal.line("Nothing waits to be delivered.")
            } else {
                terminal.table(["SIGNAL", "BATCHES", "ITEMS", "BYTES"], rows)
            }
            if let oldest = report.oldestNano {
                let now = DurableQueue.clock()
                let seconds = (now > oldest ? now - oldest : 0) / 1_000_000_000
                terminal.line("The oldest has waited for \(seconds) s.")
            }
            terminal.line(
                "\(report.segments) segments, \(report.segmentBytes) bytes on disk, "
                    + "\(report.done) delivered batches not deleted yet.")
            if report.tornBytes > 0 {
                terminal.line("\(report.tornBytes) bytes of an unfinished write.")
            }
            if !report.quarantined.isEmpty {
                terminal.line("In quarantine: \(report.quarantined.joined(separator: ", "))")
            }
            if report.settled > 0 {
                terminal.line(
                    "\(report.settled) damaged pieces need no repair: they are in quarantine, or had "
                        + "been delivered. They go with their segment.")
            }
            guard !report.isSound else { return }
            if report.damaged > 0 {
                terminal.line("\(report.damaged) pieces are damaged: run `weir queue repair`.")
            }
            if let doubt = report.indexDoubt {
                terminal.line(
                    "The index is not used, because \(doubt): what was delivered may come again.")
            }
            throw ExitCode.couldNotStart
        }
    }

    struct Drain: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "drain", abstract: "Writes what is in a queue to a file, and empties it.",
            discussion: """
                One line of OTLP/JSON for each batch, oldest first, as the file sink writes them. \
                Needs the queue for itself: stop the weir that uses it.
                """)

        @Argument(help: "The folder of the queue.") var directory: String
        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("Append to this file, not to standard output.", valueName: "file"))
        var output: String?
        @Flag(help: "Leave the queue as it is.") var keep = false

        func run() throws {
            let queue = try QueueCommand.open(directory)
            defer { queue.close() }
            let target = try LineOutput(output)
            var (written, failed) = (0, 0)
            for record in queue.pending() {
                do {
                    try target.write(QueueCommand.line(queue.read(record.id), record))
                } catch let error as OutputError {
                    Terminal.errors.line("weir: \(error.text)")
                    throw ExitCode.couldNotStart
                } catch {
                    failed += 1
                    Terminal.errors.line("weir: batch \(record.id): \(error)")
                    continue
                }
                written += record.items
                // Only what is in the file is taken out of the queue.
                if !keep {
                    try target.sync()
                    queue.remove([record.id])
                }
            }
            Terminal.errors.line(
                "\(written) items written\(keep ? "" : " and removed"), \(failed) batches unreadable"
            )
            if failed > 0 { throw ExitCode.couldNotStart }
        }
    }

    struct Repair: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "repair",
            abstract: "Checks every batch of a queue, and makes it whole again.",
            discussion: """
                What is damaged goes to the folder quarantine beside the segments. A start of weir does \
                the same for what it needs; this reads everything now. Needs the queue for itself.
                """)

        @Argument(help: "The folder of the queue.") var directory: String
        @Flag(
            help: ArgumentHelp(
                "Make the index anew from the segments: what was delivered and not deleted yet is delivered again."
            ))
        var rebuildIndex = false

        func run() throws {
            let queue = try QueueCommand.open(directory, rebuildsIndex: rebuildIndex)
            defer { queue.close() }
            let whole = try QueueCommand.attempt { () throws(StorageError) in try queue.verify() }
            let damaged = queue.statistics.damagedRecords
            Terminal.output.line("\(whole) batches are whole, \(damaged) went to quarantine.")
        }
    }
}

extension QueueCommand {
    fileprivate static func open(
        _ directory: String, rebuildsIndex: Bool = false
    ) throws -> DurableQueue {
        try attempt { () throws(StorageError) in
            // A folder that is not there is a mistake, not an empty queue.
            try Directory.check(directory)
            var options = DurableQueue.Options(directory: directory)
            options.rebuildsIndex = rebuildsIndex
            return try DurableQueue(options) { Terminal.errors.line("weir: \($0.text)") }
        }
    }

    fileprivate static func attempt<Value>(
        _ body: () throws(StorageError) -> Value
    ) throws -> Value {
        do throws(StorageError) {
            return try body()
        } catch {
            Terminal.errors.line("weir: \(error)")
            throw ExitCode.couldNotStart
        }
    }

    fileprivate static func line(_ body: ByteBuffer, _ record: QueueRecord) throws -> [UInt8] {
        guard let signal = WeirTelemetry.Signal(rawValue: UInt32(record.signal)) else {
            throw StorageError(.damaged, "signal \(record.signal), expected 1 to 3")
        }
        return try json(body.readableBytesSpan, as: signal) + [UInt8(ascii: "\n")]
    }
}
