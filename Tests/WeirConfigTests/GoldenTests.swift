import Foundation
import Testing
import WeirConfig
import WeirJSON

/// Wrong configurations with the exact text of their errors, in `Golden/*.txt`:
/// ```
/// === what is wrong
/// --- weir.yaml
/// (the file; further "--- name" lines begin further files)
/// --- errors
/// (what is printed)
/// ```
/// `WEIR_GOLDEN=update swift test` writes the errors anew: read the difference.
struct GoldenCase: Sendable, CustomTestStringConvertible {
    var name: String
    var sources: [(name: String, text: String)] = []
    var errors = ""

    var testDescription: String { name }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Golden")
    static let files = ["yaml", "variables", "settings", "components", "pipelines", "prometheus"]

    static func cases(in file: String) throws -> [GoldenCase] {
        let text = try String(contentsOf: folder.appending(path: "\(file).txt"), encoding: .utf8)
        var cases: [GoldenCase] = []
        var isErrors = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("=== ") {
                cases.append(GoldenCase(name: String(line.dropFirst(4))))
            } else if line == "--- errors" {
                isErrors = true
            } else if line.hasPrefix("--- ") {
                isErrors = false
                cases[cases.count - 1].sources.append((String(line.dropFirst(4)), ""))
            } else if isErrors {
                cases[cases.count - 1].errors += line + "\n"
            } else {
                let last = cases[cases.count - 1].sources.count - 1
                cases[cases.count - 1].sources[last].text += line + "\n"
            }
        }
        return cases
    }

    var outcome: ConfigurationOutcome {
        let isPrometheus = sources.contains { $0.name.hasSuffix("prometheus.yml") }
        return isPrometheus ? loadPrometheus(sources) : load(sources)
    }

    static let all: [GoldenCase] = files.flatMap { file in
        (try? cases(in: file)) ?? []
    }
}

@Suite struct GoldenTests {
    @Test(arguments: GoldenCase.all) func errorsAreExactly(_ wrong: GoldenCase) {
        let outcome = wrong.outcome
        #expect(outcome.text == wrong.errors)
        #expect(!outcome.text.contains("s3cr3t"), "a secret is shown")
        #expect(!outcome.text.contains("hunter2"), "a secret is shown")
        for diagnostic in outcome.diagnostics {
            let json = diagnostic.json.serialized()
            #expect(!json.contains("s3cr3t") && !json.contains("hunter2"))
        }
        let hasErrors = outcome.diagnostics.contains { $0.severity == .error }
        #expect((outcome.configuration == nil) == hasErrors)
    }

    @Test func thereAreEnoughCases() throws {
        #expect(GoldenCase.all.count >= 60)
        // Every code stands in some case, so that a message cannot rot unseen.
        let shown = GoldenCase.all.map(\.errors).joined()
        // Three come from components; RefusedSettingsTests has them.
        let others: [DiagnosticCode] = [
            .fileTooLarge, .refusedSettings, .unusablePlugin, .doubtedSettings,
        ]
        for code in DiagnosticCode.allCases where !others.contains(code) {
            #expect(shown.contains("[\(code.rawValue)]"), "no case shows \(code)")
        }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["WEIR_GOLDEN"] == "update"))
    func update() throws {
        for file in GoldenCase.files {
            var text = ""
            for wrong in try GoldenCase.cases(in: file) {
                text += "=== \(wrong.name)\n"
                for source in wrong.sources { text += "--- \(source.name)\n\(source.text)" }
                text += "--- errors\n\(wrong.outcome.text)"
            }
            let place = GoldenCase.folder.appending(path: "\(file).txt")
            try text.write(to: place, atomically: true, encoding: .utf8)
        }
    }
}
