import WeirSDK

/// Statistics of the network protocols, from /proc/net/netstat, snmp and snmp6.
struct NetstatCollector: Collector {
    let name = "netstat"
    private var fields: NameFilter
    /// What is wanted of each pair of lines, by the line of names.
    private var tables: [(names: Text, wanted: [(column: Int, metric: String)])] = []
    /// The same for the lines of snmp6.
    private var lines: [(key: Text, metric: String?)] = []

    init(_ settings: HostExporterSettings, _ host: Host) throws(ComponentError) {
        fields = try NameFilter(
            settings.netstat.fields, excludes: false, "netstat.fields", host)
    }

    mutating func collect(_ files: HostFiles, into metrics: inout Metrics)
        throws(CollectorFailure)
    {
        var table = 0
        for file in ["netstat", "snmp"] {
            var text = try files.net(file)
            while let names = text.nextLine() {
                guard let values = text.nextLine() else {
                    throw .failed("/proc/net/\(file): the last line of names has no values")
                }
                try read(names, values, table, file, &metrics)
                table += 1
            }
        }
        // Without IPv6 there is no such file.
        if let text = try? files.net("snmp6") { readSnmp6(text, &metrics) }
    }

    /// Two lines: `Tcp: ActiveOpens ...` and `Tcp: 12 ...`.
    private mutating func read(
        _ names: Text, _ values: Text, _ table: Int, _ file: String, _ metrics: inout Metrics
    ) throws(CollectorFailure) {
        if table >= tables.count || !(tables[table].names == names) {
            tables.removeSubrange(min(table, tables.count)...)
            tables.append((names, wanted(names)))
        }
        var (values, prefix, column) = (values, names, 0)
        guard let protocolName = values.nextField(), let other = prefix.nextField(),
            protocolName == other
        else { throw .failed("/proc/net/\(file): names and values are of different protocols") }
        for (wanted, metric) in tables[table].wanted {
            guard values.skipFields(wanted - column), let value = values.nextField()?.integer else {
                throw .failed("/proc/net/\(file): \(metric) has no number")
            }
            column = wanted + 1
            metrics.unknown(metric, help: "A statistic of a network protocol.", value)
        }
    }

    private mutating func wanted(_ names: Text) -> [(column: Int, metric: String)] {
        var names = names
        guard let first = names.nextField(), first.last == UInt8(ascii: ":") else { return [] }
        let prefix = first.dropLast(1).string + "_"
        var wanted: [(column: Int, metric: String)] = []
        var column = 0
        while let field = names.nextField() {
            let name = prefix + field.string
            if fields.lets(name) { wanted.append((column, "node_netstat_\(name)")) }
            column += 1
        }
        return wanted
    }

    /// `Ip6InOctets 17` is of protocol Ip6.
    private mutating func readSnmp6(_ text: Text, _ metrics: inout Metrics) {
        var text = text
        var index = 0
        while var line = text.nextLine() {
            guard let key = line.nextField() else { continue }
            if index >= lines.count || !(lines[index].key == key) {
                lines.removeSubrange(min(index, lines.count)...)
                let words = key.string.split(separator: "6", maxSplits: 1)
                let name = words.count == 2 ? "\(words[0])6_\(words[1])" : ""
                let isWanted = words.count == 2 && fields.lets(name)
                lines.append((key, isWanted ? "node_netstat_\(name)" : nil))
            }
            defer { index += 1 }
            guard let metric = lines[index].metric, let value = line.nextField()?.unsigned else {
                continue
            }
            metrics.unknown(metric, help: "A statistic of a network protocol.", value)
        }
    }
}
