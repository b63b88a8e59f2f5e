import Foundation
import Testing

/// The invariants of docs/ARCHITECTURE.md that the source itself can show.
@Suite struct ArchitectureTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The Swift files below a folder, with their text.
    static func files(below folder: String, ending: String = ".swift") -> [(String, String)] {
        let base = root.appending(path: folder)
        let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String }
        return (paths ?? []).filter { $0.hasSuffix(ending) && !$0.contains(".build") }
            .compactMap { path in
                guard
                    let text = try? String(contentsOf: base.appending(path: path), encoding: .utf8)
                else { return nil }
                return ("\(folder)/\(path)", text)
            }
    }

    static func imports(of text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "import"), index <= 2, index + 1 < words.count,
                words[..<index].allSatisfy({
                    ["public", "package", "internal", "private", "@testable"].contains($0)
                        || $0.hasPrefix("@")
                })
            else { return nil }
            return String(words[index + 1])
        }
    }

    @Test func pluginsImportOnlyTheSDK() {
        let allowed: Set = [
            "WeirSDK", "WeirTelemetry", "WeirPrometheus", "WeirJSON", "CWeir", "Synchronization",
            "Glibc",
        ]
        let sources = Self.files(below: "Plugins").filter { $0.0.contains("/Sources/") }
        #expect(sources.count > 20)
        for (path, text) in sources {
            for module in Self.imports(of: text) {
                let isAllowed = allowed.contains(module) || Self.isOwnLibrary(module, of: path)
                #expect(isAllowed, "\(path) imports \(module)")
            }
        }
    }

    /// A system library that a plugin brings along: `Plugins/Postgresql/CPQ`.
    private static func isOwnLibrary(_ module: String, of path: String) -> Bool {
        guard let plugin = path.range(of: "Plugins/[^/]+/", options: .regularExpression) else {
            return false
        }
        let map = root.appending(path: path[plugin] + module + "/module.modulemap")
        return FileManager.default.fileExists(atPath: map.path)
    }

    /// A worker stays small: its own side of the SDK, the C library, and what it is there to call.
    @Test func workersImportOnlyTheirSide() {
        let sources = Self.files(below: "Plugins").filter { $0.0.contains("/Worker/") }
        #expect(sources.count > 10)
        for (path, text) in sources {
            for module in Self.imports(of: text) {
                let isOwn = ["WeirWorker", "WeirJSON", "Glibc"].contains(module)
                #expect(isOwn || Self.isOwnLibrary(module, of: path), "\(path) imports \(module)")
            }
        }
    }

    @Test func theSDKHasNoDependencies() throws {
        let manifest = try String(
            contentsOf: Self.root.appending(path: "sdk/Package.swift"), encoding: .utf8)
        #expect(!manifest.contains(".package("))
        let own: Set = [
            "CWeir", "WeirJSON", "WeirTelemetry", "WeirPrometheus", "WeirSDK", "WeirTestKit",
            "WeirWorker", "CWeirMemory", "CWeirProcess",
            "Synchronization",
            "Glibc", "Testing",
        ]
        for (path, text) in Self.files(below: "sdk/Sources") {
            for module in Self.imports(of: text) {
                #expect(own.contains(module), "\(path) imports \(module)")
            }
        }
    }

    @Test func theHostNamesNoPlugin() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: Self.root.appending(path: "Plugins").path)
        #expect(folders.count > 5)
        for (path, text) in Self.files(below: "Sources") {
            for module in Self.imports(of: text) {
                #expect(
                    !folders.contains { module == $0 + "Plugin" }, "\(path) imports \(module)")
            }
        }
    }

    @Test func nothingIsUnloadedAndNothingImportsFoundation() {
        let sources = Self.files(below: "Sources") + Self.files(below: "sdk/Sources")
        #expect(sources.count > 100)
        for (path, text) in sources {
            for line in text.split(separator: "\n") where !line.contains("//") {
                #expect(!line.contains("dlclose("), "\(path): \(line)")
            }
            #expect(!Self.imports(of: text).contains("Foundation"), "\(path) imports Foundation")
        }
    }

    /// Long files are tables, or have a reason that this list knows.
    @Test func filesAreShort() {
        let sources =
            Self.files(below: "Sources") + Self.files(below: "sdk/Sources")
            + Self.files(below: "Plugins").filter { $0.0.contains("/Sources/") }
        let lengths = sources.map { (path: $0.0, lines: $0.1.split(separator: "\n").count) }
        for file in lengths { #expect(file.lines <= 400, "\(file.path) has \(file.lines) lines") }
        let median = lengths.map(\.lines).sorted()[lengths.count / 2]
        #expect(median < 150)
    }
}
