/// What stands after `weir relabel`.
struct RelabelArguments {
    struct Fault: Error {
        var message: String
    }

    var config: String?
    var job: String?
    var rules: String?
    /// A series that the target exposes.
    var metric: String?
    /// A remote write: its name, or its number from 1.
    var write: String?
    var json = false
    var help = false
    var labels: [String] = []

    init(_ arguments: [String]) throws(Fault) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            switch argument.hasPrefix("--") ? parts[0] : argument {
            case "--help", "-h": help = true
            case "--json": json = true
            case "--config": config = try Self.value(parts, &rest)
            case "--job": job = try Self.value(parts, &rest)
            case "--remote-write": write = try Self.value(parts, &rest)
            case "--metric": metric = try Self.value(parts, &rest)
            case let option where option.hasPrefix("-"):
                throw Fault(message: "unknown option \(option)")
            default:
                if config == nil, rules == nil, !argument.contains("{") {
                    rules = argument
                } else {
                    labels.append(argument)
                }
            }
        }
        if help { return }
        if config == nil && rules == nil {
            throw Fault(message: "found no rules, expected --config FILE --job NAME or RULES.yml")
        }
        if config != nil && rules != nil {
            throw Fault(message: "found --config and \(rules ?? ""), expected one of them")
        }
        if job != nil && config == nil {
            throw Fault(message: "found --job without --config, which has the jobs")
        }
        if write != nil && config == nil {
            throw Fault(message: "found --remote-write without --config, which has it")
        }
        if write != nil && (job != nil || metric != nil) {
            throw Fault(
                message:
                    "found --remote-write with \(job != nil ? "--job" : "--metric"), expected one"
                    + " of them: its LABELS are those of a series")
        }
        if metric != nil && config == nil {
            throw Fault(message: "found --metric without --config; give the series as LABELS")
        }
    }

    private static func value(
        _ parts: [String], _ rest: inout ArraySlice<String>
    ) throws(Fault) -> String {
        if parts.count > 1 { return parts[1] }
        guard let value = rest.popFirst() else {
            throw Fault(message: "found nothing after \(parts[0]), expected a value")
        }
        return value
    }

    static let helpText = """
        weir relabel: says, rule by rule, what relabelling makes of labels.

        USAGE
          weir relabel --config prometheus.yml --job NAME [--metric SERIES] [--json] [LABELS ...]
          weir relabel --config prometheus.yml --remote-write NAME [--json] [LABELS ...]
          weir relabel RULES.yml [--json] [LABELS ...]

        LABELS is a set of labels such as '{__address__="10.0.0.1:80", app="web"}'; without any,
        standard input has one set in each line.

        OPTIONS
          --config FILE    A prometheus.yml, or a configuration of Weir with a prometheus receiver.
                           LABELS are then those of a target before relabel_configs; job, scheme,
                           path, interval, timeout and parameters are added as a scrape does it.
          --job NAME       The job whose rules are used. Not needed if there is one job only.
          --metric SERIES  A series that the target exposes, such as 'up{code="200"}': it gets the
                           labels of the target and goes through metric_relabel_configs.
          --remote-write NAME
                           The remote_write of this name, or its number from 1 (in a configuration
                           of Weir, the sink prometheusremotewrite/NAME). LABELS are those of a
                           series, which gets the external labels and goes through
                           write_relabel_configs.
          --json           One JSON object in each line: one for each set of labels, and with
                           --metric a second one for metric_relabel_configs.

        RULES.yml is a list of rules, or has one under relabel_configs, metric_relabel_configs or
        write_relabel_configs.

        The first rule is rule 1: here, in JSON ("rule") and at /targets. Places in a file count
        from 0, as do "index" in JSON and relabel_configs[0] in messages.

        EXIT STATUS
          0   all were kept
          1   it failed: a file cannot be read, has unknown keys, or a rule makes no sense
          2   at least one was dropped
          64  the arguments are wrong, or standard input has no labels

        """
}
