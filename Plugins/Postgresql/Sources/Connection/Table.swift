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

    /// The columns of a result.
    init(columnsOf result: OpaquePointer) {
        self.init(
            columns: (0..<(unsafe PQnfields(result))).map {
                unsafe Column(String(cString: PQfname(result, $0)), type: PQftype(result, $0))
            })
    }

    /// Takes the rows of a result.
    mutating func append(_ result: OpaquePointer) throws(PostgresError) {
        for row in 0..<(unsafe PQntuples(result)) {
            guard rows.count < Table.maximumRows else {
                throw PostgresError(
                    .tooMuch,
                    "the query gave more than \(Table.maximumRows) rows, which is the most that is "
                        + "taken; group or limit them")
            }
            rows.append(
                (0..<Int32(columns.count)).map { column in
                    unsafe PQgetisnull(result, row, column) == 1
                        ? nil : String(cString: PQgetvalue(result, row, column))
                })
        }
    }

    /// The first value, if there is one.
    package var first: String? { rows.first?.first ?? nil }
}
