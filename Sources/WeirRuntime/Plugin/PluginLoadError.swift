/// Why a plugin was not taken. One line that names both sides and what to do.
package struct PluginLoadError: Error, Sendable, CustomStringConvertible {
    /// A stable word for metrics and tests.
    package enum Code: String, Sendable {
        case unreadable
        case notELF = "not_elf"
        case wrongArchitecture = "wrong_architecture"
        case noMetadata = "no_metadata"
        case wrongEpoch = "wrong_epoch"
        case badMetadata = "bad_metadata"
        case notLoadable = "not_loadable"
        case noEntry = "no_entry"
        case badTable = "bad_table"
        case duplicate
        case initFailed = "init_failed"
        case hung
    }

    package let code: Code
    package let path: String
    package let reason: String

    package init(_ code: Code, _ path: String, _ reason: String) {
        self.code = code
        self.path = path
        self.reason = reason
    }

    package var description: String { "plugin \(path): \(reason)" }
}
