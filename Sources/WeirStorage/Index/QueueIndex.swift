import CSQLite

/// `index.sqlite`: which records of which segments are not done. The segments alone say what was
/// stored; the index saves reading them, and knows what needs no delivery any more.
///
/// Used by one thread at a time.
final class QueueIndex {
    static let files = ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm"]
    private static let version: Int64 = 1

    private let database: SQLiteDatabase
    private let insert: SQLiteStatement
    private let delete: SQLiteStatement
    private let put: SQLiteStatement
    private let forget: SQLiteStatement

    init(_ directory: String, syncs: Bool) throws(SQLiteFailure) {
        database = try SQLiteDatabase(
            directory + "/index.sqlite", synchronous: syncs ? "NORMAL" : "OFF")
        try database.run(
            """
            CREATE TABLE IF NOT EXISTS record(
              id INTEGER PRIMARY KEY, segment INTEGER NOT NULL, offset INTEGER NOT NULL,
              unix_nano INTEGER NOT NULL, length INTEGER NOT NULL, items INTEGER NOT NULL,
              signal INTEGER NOT NULL, sum INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS segment(
              number INTEGER PRIMARY KEY, end INTEGER NOT NULL, live INTEGER NOT NULL,
              last_id INTEGER NOT NULL, sum INTEGER NOT NULL);
            """)
        insert = try database.prepare("INSERT OR REPLACE INTO record VALUES(?,?,?,?,?,?,?,?)")
        delete = try database.prepare("DELETE FROM record WHERE id=?")
        put = try database.prepare("INSERT OR REPLACE INTO segment VALUES(?,?,?,?,?)")
        forget = try database.prepare("DELETE FROM segment WHERE number=?")
    }

    /// What it knows, or why that is not to be believed.
    func load() throws(SQLiteFailure) -> Result<[IndexSegment: [IndexRow]], IndexDoubt> {
        try Self.load(database)
    }

    /// The same for one that only looks, beside a process that works there.
    static func peek(
        _ directory: String
    ) throws(SQLiteFailure) -> Result<[IndexSegment: [IndexRow]], IndexDoubt> {
        try load(
            SQLiteDatabase(
                directory + "/index.sqlite", synchronous: "OFF", flags: SQLITE_OPEN_READONLY))
    }

    private static func load(
        _ database: SQLiteDatabase
    ) throws(SQLiteFailure) -> Result<[IndexSegment: [IndexRow]], IndexDoubt> {
        guard database.isWhole else { return .failure(IndexDoubt("SQLite finds it damaged")) }
        let version = try database.prepare("PRAGMA user_version")
        guard try version.step() else { return .failure(IndexDoubt("it has no version")) }
        switch version.number(0) {
        case 0: return .failure(IndexDoubt("there was none"))
        case Self.version: break
        default: return .failure(IndexDoubt("it is of version \(version.number(0))"))
        }
        var rows: [UInt64: [IndexRow]] = [:]
        let records = try database.prepare(
            "SELECT id, segment, offset, unix_nano, length, items, signal, sum FROM record ORDER BY id"
        )
        while try records.step() {
            guard let row = IndexRow(records) else {
                return .failure(IndexDoubt("a row of it is damaged"))
            }
            rows[row.segment, default: []].append(row)
        }
        var result: [IndexSegment: [IndexRow]] = [:]
        let segments = try database.prepare("SELECT number, end, live, last_id, sum FROM segment")
        while try segments.step() {
            guard let segment = IndexSegment(segments),
                rows[segment.number]?.count ?? 0 == segment.live
            else { return .failure(IndexDoubt("a segment of it is damaged")) }
            result[segment] = rows.removeValue(forKey: segment.number) ?? []
        }
        guard rows.isEmpty else { return .failure(IndexDoubt("a segment of it is missing")) }
        return .success(result)
    }

    func apply(_ change: IndexChange) throws(SQLiteFailure) {
        try database.transaction { () throws(SQLiteFailure) in try write(change) }
    }

    /// Makes it anew.
    func replace(with change: IndexChange) throws(SQLiteFailure) {
        try database.transaction { () throws(SQLiteFailure) in
            try database.run("DELETE FROM record; DELETE FROM segment")
            try write(change)
            try database.run("PRAGMA user_version=\(Self.version)")
        }
    }

    private func write(_ change: IndexChange) throws(SQLiteFailure) {
        for row in change.added {
            let entry = row.entry
            try insert.run(
                Int64(bitPattern: entry.id), Int64(bitPattern: row.segment),
                Int64(bitPattern: entry.offset), Int64(bitPattern: entry.unixNano),
                Int64(entry.length), Int64(entry.items), Int64(entry.signal), Int64(row.sum))
        }
        for id in change.removed { try delete.run(Int64(bitPattern: id)) }
        for segment in change.segments {
            try put.run(
                Int64(bitPattern: segment.number), Int64(bitPattern: segment.end),
                Int64(segment.live), Int64(bitPattern: segment.lastID), Int64(segment.sum))
        }
        for number in change.gone { try forget.run(Int64(bitPattern: number)) }
    }

    /// Makes what was written so far survive a loss of power.
    func checkpoint() throws(SQLiteFailure) { try database.run("PRAGMA wal_checkpoint(PASSIVE)") }
}

/// Why an index is not believed.
struct IndexDoubt: Error, Equatable {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

extension IndexSegment: Hashable {
    func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

extension IndexRow {
    fileprivate init?(_ row: SQLiteStatement) {
        guard let length = UInt32(exactly: row.number(4)),
            let items = UInt32(exactly: row.number(5)),
            let signal = UInt8(exactly: row.number(6))
        else { return nil }
        let record = QueueRecord(
            id: UInt64(bitPattern: row.number(0)), signal: signal, items: Int(items),
            byteCount: Int(length), unixNano: UInt64(bitPattern: row.number(3)))
        segment = UInt64(bitPattern: row.number(1))
        entry = Catalogue.Entry(record, offset: UInt64(bitPattern: row.number(2)))
        guard row.number(7) == Int64(sum) else { return nil }
    }
}

extension IndexSegment {
    fileprivate init?(_ row: SQLiteStatement) {
        guard let live = Int(exactly: row.number(2)) else { return nil }
        number = UInt64(bitPattern: row.number(0))
        end = UInt64(bitPattern: row.number(1))
        self.live = live
        lastID = UInt64(bitPattern: row.number(3))
        guard live >= 0, row.number(4) == Int64(sum) else { return nil }
    }
}
