import CPQ

/// The rows that a statement gave, as PostgreSQL writes their values; `nil` is NULL.
package struct Table: Sendable, Equatable {
    package struct Column: Sendable, Equatable {
        package var name: String
        /// The type's number in `pg_type`.
        package var type: UInt32

        package init(_ name: String, type: UInt32 = 25) {
            self.name = name
            self.type = type
        }
    }

    package var columns: [Column]
    package var rows: [[String?]]

    /// More rows are no metrics but a mistake.
    static let maximumRows = 50_000

    package init(columns: [Column] = [], rows: [[String?]] = []) {
        self.columns = columns
        self.rows = rows
    }

    /// - Parameter result: a result with rows.
    init(_ result: OpaquePointer) throws(PostgresError) {
        let count = unsafe PQntuples(result)
        guard count <= Table.maximumRows else {
            throw PostgresError(
                .statement,
                "the query gave \(count) rows, at most \(Table.maximumRows) are taken; "
                    + "group or limit them")
        }
        let width = unsafe PQnfields(result)
        columns = (0..<width).map {
            unsafe Column(String(cString: PQfname(result, $0)), type: PQftype(result, $0))
        }
        rows = (0..<count).map { row in
            (0..<width).map { column in
                unsafe PQgetisnull(result, row, column) == 1
                    ? nil : String(cString: PQgetvalue(result, row, column))
            }
        }
    }

    /// The first value, if there is one.
    package var first: String? { rows.first?.first ?? nil }
}
