import Synchronization
import WeirSDK

/// How one way of finding targets does: what fails is counted, and logged when it begins and when
/// its reason changes.
final class DiscoveryHealth: Sendable {
    struct Report: Sendable, Equatable {
        var failures = 0
        /// Empty if the last attempt worked.
        var lastError = ""
        /// What is no failure, and yet hardly meant; empty if there is nothing.
        var remark = ""
    }

    let name: String
    private let host: Host
    private let state = Mutex((failures: 0, errors: [String: String](), remark: ""))

    init(_ name: String, host: Host) {
        self.name = name
        self.host = host
    }

    var report: Report {
        state.withLock { state in
            let errors = state.errors.sorted { $0.key < $1.key }.map(\.value)
            return Report(
                failures: state.failures, lastError: errors.joined(separator: "; "),
                remark: state.remark)
        }
    }

    /// - Parameter part: what of it failed, where it has several parts that fail by themselves.
    func failed(_ message: String, of part: String = "") {
        let isNew = state.withLock { state in
            state.failures += 1
            return state.errors.updateValue(message, forKey: part) != message
        }
        guard isNew else { return }
        host.log(.warning, "\(name): \(message); the targets known so far stay")
    }

    /// Says what is no failure, once until it changes; empty: it is as it should be.
    func remark(_ text: String) {
        let isNew = state.withLock { state in
            defer { state.remark = text }
            return state.remark != text
        }
        if isNew, !text.isEmpty { host.log(.warning, "\(name): \(text)") }
    }

    func worked(_ part: String = "") {
        let wasFailing = state.withLock { $0.errors.removeValue(forKey: part) != nil }
        guard wasFailing else { return }
        host.log(.info, "\(name): \(part.isEmpty ? "it" : part) works again")
    }
}
