import Synchronization
import WeirConfig
import WeirRuntime

/// Reads the configuration that a command line names: at the start, and for each reload.
final class ConfigurationReader: Sendable {
    /// A file that is not there, or may not be read: there is nothing to check.
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    private let prometheus: String?
    private let paths: [String]
    private let plugins: [String]
    private let text: String?
    /// What came on standard input, which can be read once.
    private let input = Mutex<[UInt8]?>(nil)

    /// - Parameter text: the configuration where the command line names none.
    init(_ options: ConfigurationOptions, orDefault text: String? = nil) {
        prometheus = options.prometheus
        paths = options.allFiles
        plugins = options.plugins.paths
        self.text = text
    }

    /// - Parameter earlier: the plugins of the configuration before, which stay loaded.
    func read(after earlier: PluginRegistry? = nil) throws(Unreadable) -> LoadedConfiguration {
        var sources: [ConfigurationSource] = []
        if let prometheus {
            sources.append(try Self.source(prometheus, language: .prometheus))
        }
        for path in paths {
            sources.append(
                path == "-"
                    ? ConfigurationSource(name: "<stdin>", contents: try standardInput())
                    : try Self.source(path))
        }
        if sources.isEmpty {
            guard let text else {
                throw Unreadable(description: "no configuration: name one or more files")
            }
            sources = [ConfigurationSource(name: "(built-in)", contents: Array(text.utf8))]
        }
        return LoadedConfiguration(sources: sources, plugins: plugins, after: earlier)
    }

    /// The files that it was given.
    var files: [String] { ([prometheus].compactMap { $0 } + paths).filter { $0 != "-" } }

    static func source(
        _ path: String, language: ConfigurationSource.Language = .weir
    ) throws(Unreadable) -> ConfigurationSource {
        do throws(System.FileError) {
            return ConfigurationSource(
                name: path == "-" ? "<stdin>" : path, contents: try System.contents(of: path),
                language: language)
        } catch {
            throw Unreadable(description: "cannot read the configuration \(path): \(error)")
        }
    }

    private func standardInput() throws(Unreadable) -> [UInt8] {
        if let known = input.withLock({ $0 }) { return known }
        let contents = try Self.source("-").contents
        input.withLock { $0 = contents }
        return contents
    }
}
