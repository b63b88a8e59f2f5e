import WeirConfig

/// What every test sees as its environment. Values that must never be shown hold "s3cr3t".
let testEnvironment = [
    "HOST": "db.internal", "PORT": "5433", "TOKEN": "s3cr3t-token", "EMPTY": "",
    "ZEROS": "0123", "EXPONENT": "1e5", "STRUCTURE": "s3cr3t: [a, b]", "WORD": "s3cr3t-word",
    "REFERENCE": "${env:TOKEN}", "DOLLARS": "pa$$w${rd", "TRUE": "true", "lower": "low",
    "SPACED": " 5433 ", "RX": "otlp",
]

let testFiles = [
    "/run/secrets/password": "s3cr3t-password\n", "/run/secrets/two-lines": "one\ntwo\n\n",
    "/run/secrets/windows": "s3cr3t\r\n",
]

struct NoSuchFile: Error, CustomStringConvertible {
    var description: String { "no such file or directory" }
}

func load(_ sources: (String, String)...) -> ConfigurationOutcome { load(sources) }

func load(_ sources: [(String, String)]) -> ConfigurationOutcome {
    loadConfiguration(
        sources.map { ConfigurationSource(name: $0.0, contents: Array($0.1.utf8)) },
        catalog: testCatalog, environment: { testEnvironment[$0] },
        readFile: { path throws in
            if path == "/run/binary" { return [0xFF, 0xFE, 0x00] }
            guard let text = testFiles[path] else { throw NoSuchFile() }
            return Array(text.utf8)
        })
}

extension ConfigurationOutcome {
    var text: String { diagnostics.map { $0.text() }.joined() }
}
