/// One row of `pg_settings` as a metric: `work_mem` in kB is `pg_settings_work_mem_bytes`.
package struct ServerSetting: Sendable {
    /// What this session set for itself is not the server's; that it only reads is, on a standby.
    static let sql = """
        SELECT name, CASE WHEN source = 'session' THEN reset_val \
        WHEN name <> 'transaction_read_only' OR pg_is_in_recovery() THEN setting \
        ELSE (SELECT reset_val FROM pg_settings WHERE name = 'default_transaction_read_only') END, \
        unit, short_desc, \
        vartype FROM pg_settings \
        WHERE vartype IN ('bool', 'integer', 'real') AND name <> 'sync_commit_cancel_wait'
        """

    package var name: String
    package var setting: String
    package var unit: String
    package var summary: String
    package var isTruth: Bool

    package init(
        _ name: String, _ setting: String, unit: String = "", summary: String = "",
        isTruth: Bool = false
    ) {
        self.name = name
        self.setting = setting
        self.unit = unit
        self.summary = summary
        self.isTruth = isTruth
    }

    /// What one of the unit is in bytes or seconds. Sizes of blocks depend on how the server was
    /// built, so these are read from the text.
    private var scale: (base: String, factor: Double)? {
        switch unit {
        case "us": return ("seconds", 1e-6)
        case "ms": return ("seconds", 1e-3)
        case "s": return ("seconds", 1)
        case "min": return ("seconds", 60)
        case "h": return ("seconds", 3600)
        case "d": return ("seconds", 86_400)
        default: break
        }
        let number = unit.prefix { $0.isNumber }
        let powers = ["B": 0, "kB": 10, "MB": 20, "GB": 30, "TB": 40]
        guard let power = powers[String(unit.dropFirst(number.count))] else { return nil }
        return ("bytes", (Double(number) ?? 1) * Double(1 << power))
    }

    /// `nil` for a value that is not what the view's type says, or a unit that is not known.
    package var point: Point? {
        var metric = "pg_settings_" + name.replacing(".", with: "_")
        if isTruth {
            return Point(gauge: metric, help: summary, setting == "on" ? 1 : 0)
        }
        // Some services write the unit once more.
        let digits = setting.prefix { !$0.isLetter || $0 == "e" }
        guard var value = Double(digits) else { return nil }
        var help = summary
        if !unit.isEmpty {
            guard let scale else { return nil }
            // -1 means "none" or "as elsewhere" and is no quantity.
            if value != -1 {
                value = scale.factor < 1 ? value / (1 / scale.factor) : value * scale.factor
            }
            metric += "_" + scale.base
            help += " [Units converted to \(scale.base).]"
        }
        return Point(gauge: metric, help: help, value)
    }

    static func points(_ table: Table) -> [Point] {
        // Whatever answers as a server may have other columns than were asked for.
        table.rows.filter { $0.count >= 5 }.compactMap { row in
            ServerSetting(
                row[0] ?? "", row[1] ?? "", unit: row[2] ?? "", summary: row[3] ?? "",
                isTruth: row[4] == "bool"
            ).point
        }
    }
}
