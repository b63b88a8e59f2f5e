import CPQ
import Glibc
import WeirSDK

/// One session with a server, over libpq's calls that do not block: whatever waits, waits in a
/// ``TimeLimit``.
@safe package final class Connection: @unchecked Sendable {
    // Sendable: one collection at a time uses it.
    private let raw: OpaquePointer
    /// False once the session is in a state from which it cannot be used: closed by the server, or
    /// given up in the middle of an answer.
    package private(set) var isUsable = true
    /// Milliseconds; what the session's `statement_timeout` is. `nil`: not set yet.
    package var statementTimeout: Int?

    /// Bytes of one answer.
    private static let longestAnswer: UInt64 = 64 << 20

    private init(_ raw: OpaquePointer) { unsafe self.raw = raw }

    deinit { unsafe PQfinish(raw) }

    /// Opens a session. Names were looked up before: with an address for each host libpq does not
    /// ask the resolver, which would block.
    package static func open(
        _ parameters: ConnectionParameters, _ limit: inout TimeLimit
    ) throws(PostgresError) -> Connection {
        var places = try parameters.places(&limit)
        while true {
            do throws(PostgresError) {
                // libpq goes on to the next one when one refuses, and not when one is silent.
                guard places.count > 1 else {
                    return try open(parameters.values(places), &limit)
                }
                var share = limit.share(of: places.count)
                return try open(parameters.values(places), &share)
            } catch {
                guard error.kind == .timeout, places.count > 1 else { throw error }
                places.removeFirst()
            }
        }
    }

    private static func open(
        _ pairs: [(key: String, value: String)], _ limit: inout TimeLimit
    ) throws(PostgresError) -> Connection {
        let keywords = CStrings(pairs.map(\.key))
        let values = CStrings(pairs.map(\.value))
        guard
            let raw = unsafe PQconnectStartParams(keywords.pointer, values.pointer, 0)
        else { throw PostgresError(.connection, "libpq has no memory for a connection") }
        let connection = unsafe Connection(raw)
        try connection.finishOpening(&limit)
        return connection
    }

    private func finishOpening(_ limit: inout TimeLimit) throws(PostgresError) {
        guard unsafe PQstatus(raw) != CONNECTION_BAD else { throw openingFailed() }
        var next = PGRES_POLLING_WRITING
        while next != PGRES_POLLING_OK {
            switch next {
            case PGRES_POLLING_READING: _ = try unsafe limit.wait(PQsocket(raw), POLLIN)
            case PGRES_POLLING_WRITING: _ = try unsafe limit.wait(PQsocket(raw), POLLOUT)
            default: throw openingFailed()
            }
            next = unsafe PQconnectPoll(raw)
        }
        unsafe PQsetnonblocking(raw, 1)
        // Notices would go to the standard error of the whole process.
        _ = unsafe PQsetNoticeReceiver(raw, { _, _ in }, nil)
    }

    /// The server's major version: 15.
    package var version: Int { Int(unsafe PQserverVersion(raw)) / 10_000 }

    /// Runs one statement. Throws `statement` if the server says that it failed; whatever else
    /// goes wrong ends the session.
    package func query(
        _ sql: String, _ limit: inout TimeLimit
    ) throws(PostgresError) -> Table {
        try run(sql, isAlone: false, &limit)
    }

    /// Runs a statement that somebody else wrote: one alone, which the server itself sees to, and
    /// nothing that it changes stays, its session's settings among them.
    package func foreignQuery(
        _ sql: String, _ limit: inout TimeLimit
    ) throws(PostgresError) -> Table {
        _ = try query("BEGIN READ ONLY", &limit)
        do throws(PostgresError) {
            let table = try run(sql, isAlone: true, &limit)
            try rollBack(&limit)
            return table
        } catch {
            if isUsable { try rollBack(&limit) }
            throw error
        }
    }

    /// A session that is left in a transaction is of no use.
    private func rollBack(_ limit: inout TimeLimit) throws(PostgresError) {
        do throws(PostgresError) {
            _ = try query("ROLLBACK", &limit)
        } catch {
            isUsable = false
            throw error
        }
    }

    private func run(
        _ sql: String, isAlone: Bool, _ limit: inout TimeLimit
    ) throws(PostgresError) -> Table {
        do throws(PostgresError) {
            // With parameters, be they none, the server takes no second statement.
            let isSent =
                unsafe isAlone
                ? PQsendQueryParams(raw, sql, 0, nil, nil, nil, nil, 0) : PQsendQuery(raw, sql)
            guard isSent == 1 else { throw lost() }
            // Row by row: libpq would keep all of an answer, however long it is.
            _ = unsafe PQsetSingleRowMode(raw)
            try flush(&limit)
            return try answer(&limit)
        } catch {
            if [.timeout, .cancelled, .tooMuch].contains(error.kind) { cancel() }
            if error.endsSession { isUsable = false }
            throw error
        }
    }

    private func flush(_ limit: inout TimeLimit) throws(PostgresError) {
        while true {
            let status = unsafe PQflush(raw)
            if status == 0 { return }
            guard status > 0 else { throw lost() }
            let ready = try unsafe limit.wait(PQsocket(raw), POLLIN | POLLOUT)
            if ready & POLLIN != 0, unsafe PQconsumeInput(raw) != 1 { throw lost() }
        }
    }

    private func answer(_ limit: inout TimeLimit) throws(PostgresError) -> Table {
        var table = Table()
        var isInside = false
        var failure: PostgresError?
        let before = unsafe receivedBytes(PQsocket(raw))
        while true {
            while unsafe PQisBusy(raw) == 1 {
                _ = try unsafe limit.wait(PQsocket(raw), POLLIN)
                guard unsafe PQconsumeInput(raw) == 1 else { throw lost(failure) }
                // One value can be a gigabyte, of which libpq says nothing before it is all there.
                let received = unsafe receivedBytes(PQsocket(raw)) &- before
                guard received <= Connection.longestAnswer else {
                    throw PostgresError(
                        .tooMuch,
                        "the answer has more than \(Connection.longestAnswer >> 20) MiB; ask for less"
                    )
                }
            }
            guard let result = unsafe PQgetResult(raw) else { break }
            defer { unsafe PQclear(result) }
            switch unsafe PQresultStatus(result) {
            case PGRES_SINGLE_TUPLE, PGRES_TUPLES_OK:
                // Each row is a result, and so is the end. Of several statements the last counts.
                if !isInside { table = unsafe Table(columnsOf: result) }
                isInside = unsafe PQresultStatus(result) == PGRES_SINGLE_TUPLE
                try unsafe table.append(result)
            case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR:
                failure = unsafe PostgresError(
                    .statement, oneLine(String(cString: PQresultErrorMessage(result))),
                    state: PQresultErrorField(result, 67).map { unsafe String(cString: $0) } ?? "")
            default:
                // COPY would go on for ever.
                throw PostgresError(
                    .connection, "the statement did not give rows; only queries can be run")
            }
        }
        if unsafe PQstatus(raw) == CONNECTION_BAD { throw lost(failure) }
        if let failure { throw failure }
        return table
    }

    /// Asks the server to give up what it is doing, so that it does not work on for nobody. libpq
    /// has this only as a call that blocks.
    private func cancel() {
        guard let request = unsafe PQgetCancel(raw) else { return }
        let address = UInt(bitPattern: request)
        _ = Threads.result(within: .milliseconds(100)) {
            let request = unsafe OpaquePointer(bitPattern: address)
            var text = [CChar](repeating: 0, count: 256)
            _ = unsafe PQcancel(request, &text, Int32(text.count))
            unsafe PQfreeCancel(request)
        }
    }

    /// - Parameter failure: what the server said before it closed the connection.
    private func lost(_ failure: PostgresError? = nil) -> PostgresError {
        if let failure {
            return PostgresError(.connection, failure.message, state: failure.state)
        }
        let text = unsafe oneLine(String(cString: PQerrorMessage(raw)))
        return PostgresError(.connection, text.isEmpty ? "the connection broke" : text)
    }

    private func openingFailed() -> PostgresError {
        let text = lost().message
        // Before a session there is no result with an SQLSTATE to look at.
        let isRefused =
            unsafe PQconnectionNeedsPassword(raw) == 1 || PQconnectionUsedPassword(raw) == 1
        // libpq names a function of its own.
        return PostgresError(
            isRefused ? .authentication : .connection,
            text.replacing(
                "fe_sendauth: no password supplied",
                with: "it wants a password and none is set; set password or password_file"))
    }
}

/// How many bytes came over a TCP connection; 0 for another kind of socket.
private func receivedBytes(_ socket: Int32) -> UInt64 {
    // tcpi_bytes_received of the kernel's tcp_info, which the C library's ends before.
    let place = 128
    var info = [UInt8](repeating: 0, count: place + 8)
    var length = socklen_t(info.count)
    let status = unsafe getsockopt(socket, Int32(IPPROTO_TCP), TCP_INFO, &info, &length)
    guard status == 0, length >= place + 8 else { return 0 }
    return unsafe info.withUnsafeBytes { unsafe $0.load(fromByteOffset: place, as: UInt64.self) }
}

/// libpq's messages have several lines and end with one. Those that come from a server can be long.
func oneLine(_ text: String) -> String {
    text.prefix(1000).split { $0 == "\n" || $0 == "\t" }.map { $0.drop { $0 == " " } }.filter {
        !$0.isEmpty
    }
    .joined(separator: "; ")
}
