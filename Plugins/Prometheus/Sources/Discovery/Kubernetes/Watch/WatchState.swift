import WeirSDK

/// How far following one collection of the API server has come: a value that says what to do next.
///
/// A list, page by page, then a watch from the list's version on, which the server ends every few
/// minutes and which then goes on from the last version that was seen. A version that the server
/// has forgotten (410) leads to another list.
struct WatchState: Sendable {
    enum Action: Sendable, Equatable {
        /// Get a page; empty: the first.
        case list(continuing: String)
        case watch(version: String)
        /// Wait, then call `resume`.
        case wait(Duration)
    }

    /// How a request or a watch ended.
    enum Ending: Sendable, Equatable {
        /// The server ended the watch, as it does every few minutes.
        case finished
        /// The version, or the page, is too old (410).
        case expired
        case failed
    }

    /// Shorter watches without a single event count as failed: something cuts them off.
    static let shortest = Duration.seconds(1)

    private var version = ""
    private var backoff = Backoff(first: .milliseconds(800), longest: .seconds(30))
    private var hasExpired = false

    init() {}

    /// What comes after the start and after a wait.
    mutating func resume() -> Action {
        version.isEmpty ? .list(continuing: "") : .watch(version: version)
    }

    /// A page came. `next` empty: it was the last.
    mutating func listed(version: String, next: String) -> Action {
        guard next.isEmpty else { return .list(continuing: next) }
        self.version = version
        backoff.succeeded()
        return .watch(version: version)
    }

    /// An event or a bookmark of the watch came.
    mutating func saw(version: String) {
        if !version.isEmpty { self.version = version }
        hasExpired = false
    }

    mutating func listEnded(_ ending: Ending, random: Double) -> Action {
        version = ""
        return again(ending, random)
    }

    mutating func watchEnded(
        _ ending: Ending, after duration: Duration, sawAny: Bool, random: Double
    ) -> Action {
        switch ending {
        case .finished where sawAny || duration >= WatchState.shortest:
            backoff.succeeded()
            return .watch(version: version)
        case .expired:
            version = ""
            return again(ending, random)
        case .finished, .failed:
            return wait(random)
        }
    }

    private mutating func wait(_ random: Double) -> Action {
        // Whoever waits does so from now on, by a clock of its own.
        backoff.failed(at: 0, random: random)
        return .wait(backoff.wait(at: 0) ?? .zero)
    }

    /// At once after the first 410, and slowly if one follows the other.
    private mutating func again(_ ending: Ending, _ random: Double) -> Action {
        if ending == .expired, !hasExpired {
            hasExpired = true
            return .list(continuing: "")
        }
        return wait(random)
    }
}
