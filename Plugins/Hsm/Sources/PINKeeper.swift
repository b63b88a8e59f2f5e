import WeirSDK

/// The PIN of the settings, and what this exporter knows of it.
struct PINKeeper: Sendable {
    private let pin: String?
    private let file: SecretFile?
    /// A token has taken it.
    var isProven = false
    /// A login did not return, so that nobody knows whether the token has counted a wrong PIN.
    var isUncertain = false
    /// It is the one that the exporter began with, and no token has taken it.
    var isFirst: Bool { !isProven && !hasChanged }
    private var hasChanged = false
    private var last: String?

    init(pin: String?, file: String?) {
        self.pin = pin
        self.file = file.map { SecretFile($0, setting: "pin_file") }
    }

    /// The PIN of this moment, `nil` if there is to be none. Compared is the PIN and not the age of
    /// its file: the same wrong one may have been written again.
    mutating func current() throws(ComponentError) -> String? {
        var known = pin
        if let file { known = try file.line() }
        if known != last { (isProven, isUncertain) = (false, false) }
        // Whoever changes it while weir runs wants it tried.
        if last != nil, known != last { hasChanged = true }
        last = known
        return known
    }
}
