import Synchronization

/// What became of PINs on tokens, for as long as the process lives: a reload makes new exporters, two
/// exporters can watch one token, and tokens lock themselves after a few wrong PINs.
enum PINRecord {
    struct Trial: Hashable { var module, pin: String }

    private struct Refusal: Hashable {
        var token: TokenReading.Name
        var pin: String
    }

    private static let refusals = Mutex<[Refusal: String]>([:])
    private static let trials = Mutex<Set<Trial>>([])
    private static let proven = Mutex<Set<Trial>>([])

    static func refused(_ pin: String, by token: TokenReading.Name, _ code: String) {
        refusals.withLock { $0[Refusal(token: token, pin: pin)] = code }
    }

    /// The tokens that have refused it, and with which code.
    static func refusals(of pin: String) -> [TokenReading.Name: String] {
        refusals.withLock { refusals in
            var found: [TokenReading.Name: String] = [:]
            for (refusal, code) in refusals where refusal.pin == pin { found[refusal.token] = code }
            return found
        }
    }

    /// A token of the module has taken it.
    static func proved(_ trial: Trial) { _ = proven.withLock { $0.insert(trial) } }
    static func isProven(_ trial: Trial) -> Bool { proven.withLock { $0.contains(trial) } }

    /// The tokens that have refused some PIN of this process, and counted it.
    static var tokens: Set<TokenReading.Name> {
        refusals.withLock { Set($0.keys.map(\.token)) }
    }

    /// False while another exporter finds out whether the PIN is right.
    static func begin(_ trial: Trial) -> Bool { trials.withLock { $0.insert(trial).inserted } }
    static func end(_ trial: Trial) { _ = trials.withLock { $0.remove(trial) } }
}
