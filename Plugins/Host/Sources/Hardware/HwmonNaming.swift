/// What a file like `temp1_crit_alarm` is, and which metric it becomes.
struct HwmonNaming {
    private static let kinds: Set<String> = [
        "vrm", "beep_enable", "update_interval", "in", "cpu", "fan", "pwm", "temp", "curr", "power",
        "energy", "humidity", "intrusion", "freq",
    ]

    var kind: String
    /// `temp1`
    var sensor: String
    /// Empty: the file is the sensor alone.
    var property: String

    /// `nil` if this is no file of a sensor.
    init?(_ file: String) {
        if file == "beep_enable" || file == "update_interval" {
            (kind, sensor, property) = (file, file, "")
            return
        }
        let parts = file.split(separator: "_", maxSplits: 1)
        guard let first = parts.first else { return nil }
        kind = String(first.prefix { !$0.isNumber })
        guard HwmonNaming.kinds.contains(kind),
            first.dropFirst(kind.count).allSatisfy(\.isNumber)
        else { return nil }
        sensor = String(first)
        property = parts.count == 2 ? String(parts[1]) : ""
    }

    struct Metric: Equatable {
        var name: String
        var factor = 1.0
        var isCounter = false
    }

    /// `nil`: not a number that anyone asks for.
    var metric: Metric? {
        switch kind {
        case "beep_enable": return Metric(name: "node_hwmon_beep_enabled")
        case "vrm": return Metric(name: "node_hwmon_voltage_regulator_version")
        case "update_interval":
            return Metric(name: "node_hwmon_update_interval_seconds", factor: 0.001)
        default: break
        }
        var name = "node_hwmon_\(kind)"
        let isReading = property.isEmpty || property == "input"
        if !isReading { name += "_" + HwmonNaming.clean(property) }
        if ["fault", "alarm", "beep", "enable", "type"].contains(property) {
            return Metric(name: name)
        }
        switch kind {
        case "fan" where isReading || ["min", "max", "target"].contains(property):
            return Metric(name: name + "_rpm")
        case "in", "cpu": return Metric(name: name + "_volts", factor: 0.001)
        case "temp": return Metric(name: name + "_celsius", factor: 0.001)
        case "curr": return Metric(name: name + "_amps", factor: 0.001)
        case "energy" where isReading:
            return Metric(name: name + "_joule_total", factor: 1e-6, isCounter: true)
        case "power" where property == "accuracy": return Metric(name: name, factor: 1e-6)
        case "power" where property.hasPrefix("average_interval"):
            return Metric(name: name + "_seconds", factor: 0.001)
        case "power": return Metric(name: name + "_watt", factor: 1e-6)
        case "humidity": return Metric(name: name, factor: 1e-6)
        case "freq" where isReading: return Metric(name: name + "_freq_mhz", factor: 1e-6)
        default: return Metric(name: name)
        }
    }

    /// In lower case, with what a metric's name cannot have replaced by `_`.
    static func clean(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let lower = Character(scalar).lowercased()
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || lower.first!.isNumber)
            result += isPlain || scalar == ":" || scalar == "_" ? lower : "_"
        }
        while result.hasPrefix("_") { result.removeFirst() }
        while result.hasSuffix("_") { result.removeLast() }
        return result
    }
}
