import Synchronization
package import WeirSDK
import WeirTelemetry

/// Writes batches to a file, each with one `writev`, and rotates it.
///
/// Nothing waits in memory: when a batch counts as delivered, the kernel has it, so it survives the
/// end of the process. `flush_interval` says how often it is forced to stable storage.
package final class FileSink: Sink {
    private let host: Host
    private let format: FileFormat
    private let file: Mutex<RotatingFile>

    package init(settings: FileSettings, host: Host) throws(ComponentError) {
        self.host = host
        format = settings.format
        do throws(FileError) {
            file = Mutex(try RotatingFile(settings))
        } catch {
            throw .invalid(error.description)
        }
    }

    package func start(deadline: Deadline) throws(ComponentError) {
        try perform { file, now throws(FileError) in try file.start(now: now) }
        prune()
    }

    package func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome {
        do throws(ComponentError) {
            let record = try record(of: batch)
            let isNew = try perform { file, now throws(FileError) in
                let before = file.rotations
                try file.append(record, now: now)
                return file.rotations != before
            }
            if isNew { prune() }
            return .delivered()
        } catch {
            return Outcome(error)
        }
    }

    private func record(of batch: Batch) throws(ComponentError) -> Record {
        switch format {
        case .json:
            do throws(WireError) {
                return Record(try jsonLine(batch))
            } catch {
                throw .refused("the batch is not well-formed: \(error)")
            }
        case .proto:
            guard let record = Record(lengthPrefixed: batch) else {
                throw .refused(
                    "a batch of \(batch.byteCount) bytes; a length of 4 bytes allows "
                        + "\(UInt32.max): let the batches be smaller")
            }
            return record
        }
    }

    package func drain(deadline: Deadline) throws(ComponentError) {
        try perform { file, now throws(FileError) in try file.sync(now) }
    }

    package func stop(deadline: Deadline) throws(ComponentError) {
        try perform { file, now throws(FileError) in try file.stop(now: now) }
    }

    /// Backups that cannot be removed are no reason to stop writing.
    private func prune() {
        do throws(ComponentError) {
            try perform { file, now throws(FileError) in try file.prune(now: now) }
        } catch {
            host.log(.warning, "old backups stay: \(error.message)")
        }
    }

    private func perform<R: Sendable>(
        _ body: (inout RotatingFile, UInt64) throws(FileError) -> R
    ) throws(ComponentError) -> R {
        let now = host.now
        let result = file.withLock { file -> Result<R, FileError> in
            do throws(FileError) {
                return .success(try body(&file, now))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let value): return value
        case .failure(let error): throw .retry(error.description)
        }
    }
}
