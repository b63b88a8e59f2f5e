import WeirSDK

/// One part of the machine. What a collector wrote before it failed stays.
protocol Collector {
    /// As in `node_scrape_collector_success{collector}` and in the settings.
    var name: String { get }
    mutating func collect(_ files: HostFiles, into metrics: inout Metrics)
        throws(CollectorFailure)
}

extension Attributes {
    /// One label.
    static func one(_ key: String, _ value: String) -> Attributes { [key: .string(value)] }
}

/// Which devices, mount points or fields are wanted: those that match, or those that do not.
struct NameFilter {
    private let expression: RegularExpression?
    private let excludes: Bool
    /// Names come back on every collection.
    private var known: [String: Bool] = [:]

    /// An empty pattern lets everything pass.
    init(_ pattern: String, excludes: Bool, _ setting: String, _ host: Host)
        throws(ComponentError)
    {
        self.excludes = excludes
        guard !pattern.isEmpty else {
            expression = nil
            return
        }
        guard let expressions = host.regex else {
            throw .unsupported("this host has no regular expressions (weir.regex/1)")
        }
        do throws(ComponentError) {
            expression = try expressions.compile(pattern)
        } catch {
            throw .invalid("\(setting): '\(pattern)': \(error.message)")
        }
    }

    mutating func lets(_ name: String) -> Bool {
        guard let expression else { return true }
        if let known = known[name] { return known }
        // Containers come and go, and with them their mount points.
        if known.count > 4096 { known = [:] }
        let answer = expression.isFound(in: name) != excludes
        known[name] = answer
        return answer
    }
}
