/// What each session begins with.
enum SessionSetup {
    /// A watcher changes nothing; times and intervals are written so that ``columnValue`` reads them.
    static let statement = """
        SET default_transaction_read_only = on; SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; \
        SET intervalstyle = 'iso_8601'
        """

    /// Milliseconds after which the server itself ends a statement.
    static func timeout(_ milliseconds: Int) -> String {
        "SET statement_timeout = \(max(1, milliseconds))"
    }
}
