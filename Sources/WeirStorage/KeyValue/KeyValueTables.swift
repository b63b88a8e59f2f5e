import CSQLite

/// The one table of a key-value store. Used by one thread at a time.
final class KeyValueTables: @unchecked Sendable {  // used under the store's mutex
    static let file = "checkpoints.sqlite"
    static let files = [file, "\(file)-wal", "\(file)-shm"]

    private let database: SQLiteDatabase
    private let select: SQLiteStatement
    private let insert: SQLiteStatement
    private let delete: SQLiteStatement

    init(_ directory: String, syncs: Bool) throws(SQLiteFailure) {
        database = try SQLiteDatabase(
            "\(directory)/\(Self.file)", synchronous: syncs ? "FULL" : "OFF")
        try database.run(
            """
            CREATE TABLE IF NOT EXISTS value(
              component BLOB NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, sum INTEGER NOT NULL,
              PRIMARY KEY(component, key)) WITHOUT ROWID
            """)
        select = try database.prepare("SELECT value, sum FROM value WHERE component=? AND key=?")
        insert = try database.prepare("INSERT OR REPLACE INTO value VALUES(?,?,?,?)")
        delete = try database.prepare("DELETE FROM value WHERE component=? AND key=?")
    }

    var isWhole: Bool { database.isWhole }

    func get(_ component: String, _ key: [UInt8]) throws(SQLiteFailure) -> [UInt8]? {
        select.bind(1, Array(component.utf8))
        select.bind(2, key)
        defer { select.reset() }
        guard try select.step() else { return nil }
        let value = select.bytes(0)
        // A value that is not what was written is none: its owner begins anew.
        return select.number(1) == Self.sum(Array(component.utf8), key, value) ? value : nil
    }

    func set(_ component: String, _ key: [UInt8], _ value: [UInt8]) throws(SQLiteFailure) {
        try put(Array(component.utf8), key, value)
    }

    func remove(_ component: String, _ key: [UInt8]) throws(SQLiteFailure) {
        delete.bind(1, Array(component.utf8))
        delete.bind(2, key)
        defer { delete.reset() }
        _ = try delete.step()
    }

    /// Takes over what can still be read of a damaged database, and is what was written.
    func copy(from path: String) {
        do throws(SQLiteFailure) {
            let old = try SQLiteDatabase(path, synchronous: "OFF", flags: SQLITE_OPEN_READONLY)
            let rows = try old.prepare("SELECT component, key, value, sum FROM value")
            while try rows.step() {
                let (component, key, value) = (rows.bytes(0), rows.bytes(1), rows.bytes(2))
                if rows.number(3) == Self.sum(component, key, value) {
                    try put(component, key, value)
                }
            }
        } catch {
            // Up to where it could be read.
        }
    }

    private func put(_ component: [UInt8], _ key: [UInt8], _ value: [UInt8])
        throws(SQLiteFailure)
    {
        insert.bind(1, component)
        insert.bind(2, key)
        insert.bind(3, value)
        insert.bind(4, Self.sum(component, key, value))
        defer { insert.reset() }
        _ = try insert.step()
    }

    private static func sum(_ component: [UInt8], _ key: [UInt8], _ value: [UInt8]) -> Int64 {
        var lengths: [UInt8] = []
        lengths.append(UInt64(component.count))
        lengths.append(UInt64(key.count))
        var sum = checksum(lengths[...])
        for bytes in [component, key, value] { sum = checksum(bytes[...], after: sum) }
        return Int64(sum)
    }
}
