import CWeirProcess
import Glibc
import WeirWorker

/// The program that a ``WorkerProcess`` runs, and what it gets to see.
public struct WorkerProgram: Sendable, Equatable {
    /// The path of the executable.
    public var path: String
    /// Variables beside those that every worker gets: `PATH`, `HOME`, `LANG`, `TZ`, `TMPDIR` and
    /// `LD_LIBRARY_PATH`, and what sanitizers read. Nothing else of the host's environment reaches
    /// it, since secrets are there.
    public var environment: [String: String]

    public init(path: String, environment: [String: String] = [:]) {
        self.path = path
        self.environment = environment
    }

    /// The program of this name in the folder of the plugin's own library.
    public static func besidePlugin(
        _ name: String, environment: [String: String] = [:]
    ) -> WorkerProgram {
        let library = unsafe libraryPath(#dsohandle)
        let folder = library.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let path = (folder + [Substring(name)]).joined(separator: "/")
        return WorkerProgram(path: path, environment: environment)
    }

    /// The file that the code of this module was loaded from: the SDK is part of each plugin.
    private static func libraryPath(_ handle: UnsafeRawPointer) -> String {
        guard let name = unsafe weir_process_library(handle) else { return "" }
        // An executable (a test) may be known by the name it was called by.
        guard let real = unsafe realpath(name, nil) else { return unsafe String(cString: name) }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    private static let passedOn = [
        "PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "LSAN_OPTIONS",
        "TSAN_OPTIONS",
    ]

    /// `NAME=value`, as execve wants them.
    var variables: [String] {
        var result: [String: String] = [:]
        for name in Self.passedOn {
            if let value = unsafe getenv(name) { result[name] = unsafe String(cString: value) }
        }
        // Where it has Swift's crash reporter, a crash would take as long as a report nobody reads.
        result["SWIFT_BACKTRACE"] = "enable=no"
        result.merge(environment) { $1 }
        result[WorkerWire.variable] = WorkerWire.version
        return result.map { "\($0.key)=\($0.value)" }.sorted()
    }
}
