import Testing
import WeirConfig
import WeirJSON

@Suite struct OnePassTests {
    @Test func twelveFaultsGiveTwelveDiagnostics() {
        let text = """
            receivers:
              otlp:
                protocols:
                  grpc: {endpiont: "0.0.0.0:4317"}     # 1 unknown key
                  http: {endpoint: not a url}          # 2 not an endpoint
              prometheuss:                             # 3 unknown type
            exporters:
              postgres:                                # 4 'username' is missing
                endpoint: db:5432
                port: "5432"                           # 5 wrong type
                interval: 10                           # 6 no unit
            processors:
              batch: {timeout: "${env:NOT_SET}"}       # 7 unset
            sinks:
              debug:
              otlp: {endpoint: "a:1", compression: gzp}  # 8 not among those allowed
            sevrice: {}                                # 9 unknown section
            service:
              pipelines:
                traces:
                  receivers: [otlp, prometheuss]
                  processors: [bacth]                  # 10 undefined
                  sinks: [debug, otlp, batch]          # 11 wrong role
                metrics:
                  exporters: [postgres]                # 12 no output
            """
        let outcome = load(("weir.yaml", text))
        #expect(
            outcome.diagnostics.map { "\($0.line) \($0.code.rawValue)" } == [
                "4 E0301", "5 E0308", "6 E0402", "8 E0303", "10 E0302", "11 E0306", "13 E0201",
                "16 E0304", "17 E0401", "22 E0503", "23 E0504", "24 E0506",
            ], "\(outcome.text)")
    }

    @Test func diagnosticsForMachines() throws {
        let outcome = load(("weir.yaml", "recievers: {}\nservice: {pipelines: {traces: {}}}\n"))
        let first = try #require(outcome.diagnostics.first)
        #expect(
            first.json
                == json(
                    """
                    {"severity": "error", "code": "E0401", "file": "weir.yaml", "line": 1,
                     "column": 1, "path": "recievers", "message": "unknown section 'recievers'",
                     "expected": "receivers, processors, connectors, exporters, extensions or service",
                     "suggestion": "did you mean 'receivers'?"}
                    """))
        #expect(first.text(color: true).contains("\u{1B}[1;31merror[E0401]\u{1B}[0m"))
    }

    /// Whatever the bytes are, loading ends with a configuration or with an error.
    @Test func randomTextNeverCrashes() {
        var random = SplitMix(state: 20_260_101)
        let valid = Array(
            """
            receivers: &r {otlp: {protocols: {grpc: , http: {endpoint: "${env:HOST}:1"}}}}
            sinks: {debug: , otlp: {<<: *r, endpoint: 'a:1', timeout: 5s}}
            service:
              pipelines:
                traces: {receivers: [otlp], sinks: [debug, otlp]}
                - ? [a] : "\\\\x41" | > ~ !!int 0x1F ${file:/x} $${ {{ }} # é
            """.utf8)
        let alphabet =
            Array("{}[]:,-?&*!|>'\"%@`#$ \n\t~<a0.=é\u{FEFF}\u{0}\u{85}".utf8) + [0xFF, 0xC3]
        for round in 0..<3000 {
            var bytes: [UInt8]
            if round.isMultiple(of: 2) {
                bytes = valid
                for _ in 0..<random.next(below: 12) {
                    let place = random.next(below: bytes.count)
                    switch random.next(below: 3) {
                    case 0: bytes[place] = alphabet[random.next(below: alphabet.count)]
                    case 1: bytes.insert(alphabet[random.next(below: alphabet.count)], at: place)
                    default: bytes.remove(at: place)
                    }
                }
            } else {
                bytes = (0..<random.next(below: 200)).map { _ in
                    alphabet[random.next(below: alphabet.count)]
                }
            }
            let outcome = loadConfiguration(
                [ConfigurationSource(name: "random", contents: bytes)], catalog: testCatalog,
                environment: { testEnvironment[$0] }, readFile: { _ throws in throw NoSuchFile() })
            #expect((outcome.configuration == nil) == !outcome.errors.isEmpty)
            _ = outcome.text
        }
    }

    @Test func aFileThatIsTooLargeIsNotParsed() {
        let bytes = [UInt8](repeating: UInt8(ascii: " "), count: 9 << 20)
        let outcome = loadConfiguration(
            [ConfigurationSource(name: "big.yaml", contents: bytes)], catalog: testCatalog,
            environment: { _ in nil }, readFile: { _ throws in throw NoSuchFile() })
        #expect(outcome.diagnostics.first?.code == .fileTooLarge)
    }
}

private struct SplitMix {
    var state: UInt64

    mutating func next(below limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, limit)))
    }
}
