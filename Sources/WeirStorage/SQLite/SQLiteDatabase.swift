import CSQLite

/// What SQLite said.
struct SQLiteFailure: Error, Equatable {
    /// SQLITE_CORRUPT, …
    let code: Int32
    let message: String

    var isFull: Bool { code == SQLITE_FULL }
    /// Not what was written, or not by us.
    var isDamage: Bool { [SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR].contains(code) }
}

/// A database, used by one thread at a time.
@safe final class SQLiteDatabase {
    private let handle: OpaquePointer

    /// - Parameter synchronous: OFF, NORMAL or FULL.
    init(
        _ path: String, synchronous: String,
        flags: Int32 = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    )
        throws(SQLiteFailure)
    {
        var opened: OpaquePointer?
        let status = unsafe sqlite3_open_v2(
            path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard status == SQLITE_OK, let made = unsafe opened else {
            let failure = unsafe Self.failure(opened, status)
            unsafe sqlite3_close_v2(opened)
            throw failure
        }
        unsafe handle = made
        unsafe sqlite3_busy_timeout(made, 2000)
        guard flags & SQLITE_OPEN_READWRITE != 0 else { return }
        // A megabyte of pages is cached by default; the tables here are small.
        try run(
            """
            PRAGMA journal_mode=WAL; PRAGMA synchronous=\(synchronous); PRAGMA cache_size=-256;
            PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON
            """)
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    func run(_ sql: String) throws(SQLiteFailure) {
        let status = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard status == SQLITE_OK else { throw unsafe Self.failure(handle, status) }
    }

    /// All of it or nothing.
    func transaction(_ body: () throws(SQLiteFailure) -> Void) throws(SQLiteFailure) {
        try run("BEGIN IMMEDIATE")
        do throws(SQLiteFailure) {
            try body()
            try run("COMMIT")
        } catch {
            // Some failures have ended the transaction already.
            try? run("ROLLBACK")
            throw error
        }
    }

    func prepare(_ sql: String) throws(SQLiteFailure) -> SQLiteStatement {
        var made: OpaquePointer?
        let status = unsafe sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
        guard status == SQLITE_OK, let statement = unsafe made else {
            throw unsafe Self.failure(handle, status)
        }
        return unsafe SQLiteStatement(statement, of: self)
    }

    /// Whether SQLite finds its own structures whole.
    var isWhole: Bool {
        do throws(SQLiteFailure) {
            let check = try prepare("PRAGMA quick_check(1)")
            guard try check.step() else { return false }
            return check.text(0) == "ok"
        } catch {
            return false
        }
    }

    func failure(_ status: Int32) -> SQLiteFailure { unsafe Self.failure(handle, status) }

    private static func failure(_ handle: OpaquePointer?, _ status: Int32) -> SQLiteFailure {
        let text = unsafe handle.flatMap { unsafe sqlite3_errmsg($0) }
        return SQLiteFailure(
            code: status & 0xff,
            message: unsafe text.map { unsafe String(cString: $0) } ?? "error \(status)")
    }
}

/// A prepared statement of one database.
@safe final class SQLiteStatement {
    private let handle: OpaquePointer
    private let database: SQLiteDatabase

    fileprivate init(_ handle: OpaquePointer, of database: SQLiteDatabase) {
        unsafe self.handle = unsafe handle
        self.database = database
    }

    deinit { unsafe sqlite3_finalize(handle) }

    /// Executes a statement that gives no rows.
    func run(_ numbers: Int64...) throws(SQLiteFailure) {
        for (index, number) in numbers.enumerated() {
            unsafe sqlite3_bind_int64(handle, Int32(index + 1), number)
        }
        defer { reset() }
        _ = try step()
    }

    func bind(_ index: Int32, _ number: Int64) { unsafe sqlite3_bind_int64(handle, index, number) }

    func bind(_ index: Int32, _ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { bytes in
            // SQLITE_TRANSIENT: SQLite makes a copy. An empty blob is not NULL.
            let copies = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            if let base = bytes.baseAddress {
                unsafe sqlite3_bind_blob64(handle, index, base, UInt64(bytes.count), copies)
            } else {
                unsafe sqlite3_bind_zeroblob(handle, index, 0)
            }
        }
    }

    /// Whether there is a row, or another one.
    func step() throws(SQLiteFailure) -> Bool {
        let status = unsafe sqlite3_step(handle)
        switch status {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw database.failure(status)
        }
    }

    /// To be called before it is executed again.
    func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    func number(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    func bytes(_ column: Int32) -> [UInt8] {
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        guard count > 0, let base = unsafe sqlite3_column_blob(handle, column) else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: base, count: count))
    }

    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
}
