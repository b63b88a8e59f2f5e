import WeirSDK

/// The distribution, from os-release.
struct OsCollector: Collector {
    let name = "os"
    private static let labels = [
        "build_id", "id", "id_like", "image_id", "image_version", "name", "pretty_name", "variant",
        "variant_id", "version", "version_codename", "version_id",
    ]

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        let text: Text
        if let found = try? files.reader.read(files.root + "/etc/os-release") {
            text = found
        } else {
            text = try files.reader.read(files.root + "/usr/lib/os-release")
        }
        let values = OsCollector.parse(text)
        var labels = Attributes()
        for label in OsCollector.labels { labels.append(label, .string(values[label] ?? "")) }
        metrics.gauge(
            "node_os_info", help: "What os-release says; the value is 1.", 1, labels)
        let version = (values["version_id"] ?? "").split(separator: ".").prefix(2)
        if let number = Double(version.joined(separator: ".")) {
            metrics.gauge(
                "node_os_version", help: "Version, major.minor.", number,
                [
                    "id": .string(values["id"] ?? ""), "id_like": .string(values["id_like"] ?? ""),
                    "name": .string(values["name"] ?? ""),
                ])
        }
    }

    /// `KEY=value`, `KEY="a \"quoted\" value"`, by key in lower case.
    static func parse(_ text: Text) -> [String: String] {
        var text = text
        var values: [String: String] = [:]
        while let line = text.nextLine() {
            var rest = line.trimmed
            guard rest.first != UInt8(ascii: "#"), let key = rest.take(until: UInt8(ascii: "="))
            else { continue }
            values[key.string.lowercased()] = unquoted(rest)
        }
        return values
    }

    private static func unquoted(_ text: Text) -> String {
        guard let quote = text.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
            text.count >= 2, text.last == quote
        else { return text.string }
        let inner = text.dropFirst(1).dropLast(1)
        var bytes: [UInt8] = []
        var index = 0
        while index < inner.count {
            if inner[index] == UInt8(ascii: "\\"), index + 1 < inner.count { index += 1 }
            bytes.append(inner[index])
            index += 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
