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

/// A folder that goes when its owner does.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "weir-test-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }

    func read(_ name: String) throws -> String {
        try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
    }
}

/// A fault of the test's surroundings, or something that did not come in time.
struct Failure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
