import Testing
import WeirTestKit

/// One collector, the files that it reads, and what it must make of them.
struct CollectorCase: CustomTestStringConvertible, Sendable {
    var collector: String
    var files: [String: String]
    var expected: [String: Double]
    var isWell = true
    /// Nothing but what is expected.
    var isAll = true
    var testDescription: String { "\(collector) \(files.keys.sorted().first ?? "")" }
}

struct CollectorTests {
    @Test(arguments: processorCases + memoryCases + diskCases + networkCases + otherCases)
    func reads(_ row: CollectorCase) throws {
        let found = try TestTree(row.files).collect(row.collector)
        for (key, value) in row.expected {
            let actual = found[key]
            #expect(
                actual != nil && abs((actual ?? 0) - value) <= abs(value) * 1e-12,
                "\(key): \(actual.map { "\($0)" } ?? "nothing"), expected \(value)")
        }
        if row.isAll {
            let extra = Set(found.values.keys).subtracting(row.expected.keys)
            #expect(extra.isEmpty, "\(extra.sorted())")
        }
        #expect(found.isWell == row.isWell)
    }

    /// What is cut off, or not a number, is at worst a failure.
    @Test(arguments: processorCases + memoryCases + diskCases + networkCases + otherCases)
    func damagedFilesDoNoHarm(_ row: CollectorCase) throws {
        for (path, text) in row.files {
            for damaged in Damage.variants(of: text) {
                var files = row.files
                files[path] = damaged
                let tree = try TestTree(files)
                let instance = try tree.start(row.collector)
                let found = try instance.collect()
                #expect(found.named("node_scrape_collector_success").count == 1)
                try instance.end()
                withExtendedLifetime(tree) {}
            }
        }
    }
}

enum Damage {
    static func variants(of text: String) -> [String] {
        let bytes = Array(text.utf8)
        var variants = ["", "\n", "\u{0}", " ", "a", ":", "99999999999999999999999999\n"]
        for part in [bytes.count / 3, bytes.count / 2, bytes.count - 2] where part > 0 {
            variants.append(String(decoding: bytes[..<part], as: UTF8.self))
        }
        variants.append(String(text.map { $0.isNumber ? "-" : $0 }))
        variants.append(String(text.map { $0.isNumber ? "9" : $0 }))
        variants.append(text.filter { $0 != " " })
        variants.append(text.filter { $0 != "\n" })
        variants.append(text.filter { $0 != ":" })
        variants.append(String(text.reversed()))
        variants.append(text + text)
        variants.append(String(repeating: "x ", count: 500))
        return variants
    }
}
