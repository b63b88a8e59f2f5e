import Logging
import Synchronization
import WeirNet
import WeirRuntime

/// A `--web.config.file`, which is read again when it changes.
///
/// Users and headers are those of the file as it is now, certificates and keys what their files hold;
/// which files these are, and whether users are asked for, is settled when the process starts.
final class WebFile: Sendable {
    let start: WebConfiguration
    /// `nil`: everyone may read.
    let users: WebUsers?
    private let file: FromFiles<WebConfiguration>

    /// - Parameter logger: Where it says that the file cannot be read any more.
    init(_ path: String, logger: Logger) throws(NetError) {
        let reader = WebReader(path, logger: logger)
        let file = FromFiles([path]) { () throws(NetError) in try reader.read() }
        start = try file.value()
        self.file = file
        guard !start.users.isEmpty else {
            users = nil
            return
        }
        guard WebUsers.canCheck else {
            throw NetError(
                .configuration,
                "\(path): basic_auth_users needs libcrypt.so.1 with bcrypt, which is not here: "
                    + "install it (Debian: libcrypt1)")
        }
        let first = start.users
        users = WebUsers { (try? file.value())?.users ?? first }
    }

    /// Of the file as it is now.
    var headers: [(String, String)] {
        ((try? file.value()) ?? start).headers.sorted { $0.key < $1.key }
            .map { ($0.key.lowercased(), $0.value) }
    }
}

/// Reads such a file, and says what keeps it from doing so.
final class WebReader: Sendable {
    private struct State {
        var isFirst = true
        var hasUsers = false
        /// What was said about it last; `nil`: it was fine.
        var complaint: String?
    }

    private let path: String
    private let logger: Logger
    private let state = Mutex(State())

    init(_ path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    /// Throws for a file that cannot be read or has lost its users, and logs that if it had been read
    /// before: whoever starts says it himself.
    func read() throws(NetError) -> WebConfiguration {
        do throws(NetError) {
            let found = try contents()
            let isOpened = state.withLock { $0.hasUsers } && found.users.isEmpty
            // As a file is for the moment in which somebody writes it.
            guard !isOpened else {
                throw NetError(
                    .configuration,
                    "\(path) has no basic_auth_users any more: restart to serve everyone")
            }
            state.withLock { $0 = State(isFirst: false, hasUsers: !found.users.isEmpty) }
            return found
        } catch {
            let isNew = state.withLock { state in
                defer { state.complaint = error.message }
                return !state.isFirst && state.complaint != error.message
            }
            if isNew {
                logger.warning("\(error.message); what the file said before stays in force")
            }
            throw error
        }
    }

    private func contents() throws(NetError) -> WebConfiguration {
        let bytes: [UInt8]
        do throws(System.FileError) {
            bytes = try System.contents(of: path)
        } catch {
            throw NetError(.configuration, "cannot read \(path): \(error)")
        }
        // The root itself has nothing before its slash.
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) }
        do throws(WebConfiguration.Failure) {
            return try WebConfiguration(bytes, folder: folder ?? "")
        } catch {
            throw NetError(.configuration, "\(path): \(error.text)")
        }
    }
}
