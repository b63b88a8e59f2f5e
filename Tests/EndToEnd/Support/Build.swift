import Foundation

/// Where things lie.
enum Build {
    static let environment = ProcessInfo.processInfo.environment
    static var isAsked: Bool { environment["WEIR_END_TO_END"] != nil }

    /// The repository.
    static let root = String(#filePath.dropLast("/Tests/EndToEnd/Support/Build.swift".count))

    static let weir = environment["WEIR_BIN"] ?? "\(root)/.build/debug/weir"
    static let plugins = environment["WEIR_PLUGIN_FOLDER"] ?? "\(root)/.build/plugins"
    static let python = environment["WEIR_PYTHON"] ?? "\(root)/.build/venv/bin/python"
    static let dist = environment["WEIR_DIST"]
    static let clients = "\(root)/Tests/EndToEnd/Clients"
}

/// A fault of the test's surroundings, or something that did not come in time.
struct Failure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
