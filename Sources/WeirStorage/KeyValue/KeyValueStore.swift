import CSQLite
import Glibc
import Synchronization

/// Small values under a component's name and a key, that survive the process and the machine:
/// positions in files, cursors. `checkpoints.sqlite` in a folder of its own, used by one process.
///
/// All functions may be called on any thread; they block for as long as the disk takes.
@safe package final class KeyValueStore: @unchecked Sendable {
    // @unchecked: the database is used under the mutex
    private let directory: String
    private let syncs: Bool
    private let report: @Sendable (StorageEvent) -> Void
    private let lock: DirectoryLock
    private let tables: Mutex<KeyValueTables?>

    /// Opens the folder, or makes it. A damaged database goes to quarantine, and what of it can still
    /// be read comes along.
    package init(
        directory: String, syncs: Bool = true, lockWaitNano: UInt64 = 0,
        report: @escaping @Sendable (StorageEvent) -> Void = { _ in }
    ) throws(StorageError) {
        self.directory = directory
        self.syncs = syncs
        self.report = report
        try Directory.make(directory)
        lock = try DirectoryLock(directory, waitNano: lockWaitNano)
        tables = Mutex(nil)
        let opened = try open()
        tables.withLock { $0 = opened }
    }

    /// The value, or `nil` where there is none, or none that is what was written.
    package func get(_ component: String, _ key: [UInt8]) throws(StorageError) -> [UInt8]? {
        try use("read from") { tables throws(SQLiteFailure) in try tables.get(component, key) }
    }

    /// On stable storage when it returns.
    package func set(
        _ component: String, _ key: [UInt8], _ value: [UInt8]
    ) throws(StorageError) {
        try use("write to") { tables throws(SQLiteFailure) in
            try tables.set(component, key, value)
        }
    }

    package func remove(_ component: String, _ key: [UInt8]) throws(StorageError) {
        try use("write to") { tables throws(SQLiteFailure) in try tables.remove(component, key) }
    }

    package func close() {
        tables.withLock { $0 = nil }
        lock.release()
    }

    private var path: String { directory + "/" + KeyValueTables.file }

    private func use<Value: Sendable>(
        _ what: String, _ body: (KeyValueTables) throws(SQLiteFailure) -> Value
    ) throws(StorageError) -> Value {
        let result = tables.withLock { tables -> Result<Value, StorageError> in
            guard let now = tables else {
                return .failure(StorageError(.closed, "\(directory) has been closed"))
            }
            do throws(SQLiteFailure) {
                return .success(try body(now))
            } catch {
                guard error.isDamage else {
                    return .failure(
                        StorageError(
                            error.isFull ? .diskFull : .io,
                            "cannot \(what) \(path): \(error.message)"))
                }
            }
            // It was damaged while we used it: save what there is, and once more.
            do throws(StorageError) {
                tables = nil
                let new = try open()
                tables = new
                do throws(SQLiteFailure) {
                    return .success(try body(new))
                } catch {
                    return .failure(
                        StorageError(.io, "cannot \(what) \(path): \(error.message)"))
                }
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func open() throws(StorageError) -> KeyValueTables {
        var reason: String
        do throws(SQLiteFailure) {
            let tables = try KeyValueTables(directory, syncs: syncs)
            if tables.isWhole { return tables }
            reason = "SQLite finds it damaged"
        } catch {
            guard error.isDamage else {
                throw StorageError(
                    error.code == SQLITE_CANTOPEN ? .unusable : error.isFull ? .diskFull : .io,
                    "cannot open \(path): \(error.message)")
            }
            reason = error.message
        }
        let size = (try? OpenFile(path, O_RDONLY).size) ?? 0
        let saved = Quarantine(directory).move(
            KeyValueTables.files.map { "\(directory)/\($0)" }, as: "\(DurableQueue.clock())")
        report(.damaged(file: path, offset: 0, bytes: size, reason: reason, savedAs: saved))
        do throws(SQLiteFailure) {
            let tables = try KeyValueTables(directory, syncs: syncs)
            if let saved { tables.copy(from: saved) }
            return tables
        } catch {
            throw StorageError(
                error.isFull ? .diskFull : .io, "cannot make \(path): \(error.message)")
        }
    }
}
