import WeirSDK

/// /proc/diskstats, and what udev knows of each disk.
struct DiskstatsCollector: Collector {
    let name = "diskstats"

    private enum Kind { case count, sectors, milliseconds, now }

    /// In the order of the columns. 512 bytes are a sector here, whatever the disk says.
    private static let columns: [(name: String, kind: Kind, help: String)] = [
        ("reads_completed_total", .count, "Reads that were completed."),
        ("reads_merged_total", .count, "Reads that were merged with others."),
        ("read_bytes_total", .sectors, "Bytes that were read."),
        ("read_time_seconds_total", .milliseconds, "Seconds that all reads took."),
        ("writes_completed_total", .count, "Writes that were completed."),
        ("writes_merged_total", .count, "Writes that were merged with others."),
        ("written_bytes_total", .sectors, "Bytes that were written."),
        ("write_time_seconds_total", .milliseconds, "Seconds that all writes took."),
        ("io_now", .now, "I/O operations under way."),
        ("io_time_seconds_total", .milliseconds, "Seconds in which there was I/O."),
        (
            "io_time_weighted_seconds_total", .milliseconds,
            "Seconds of I/O, times the operations that were under way."
        ),
        ("discards_completed_total", .count, "Discards that were completed."),
        ("discards_merged_total", .count, "Discards that were merged with others."),
        ("discarded_sectors_total", .count, "Sectors that were discarded."),
        ("discard_time_seconds_total", .milliseconds, "Seconds that all discards took."),
        ("flush_requests_total", .count, "Flushes that were completed."),
        ("flush_requests_time_seconds_total", .milliseconds, "Seconds that all flushes took."),
    ]
    private static let metricNames = columns.map { "node_disk_\($0.name)" }

    private var devices: NameFilter

    init(_ settings: HostExporterSettings, _ host: Host) throws(ComponentError) {
        devices = try NameFilter(
            settings.diskstats.deviceExclude, excludes: true, "diskstats.device_exclude", host)
    }

    mutating func collect(_ files: HostFiles, into metrics: inout Metrics)
        throws(CollectorFailure)
    {
        var text = try files.proc("diskstats")
        while var line = text.nextLine() {
            guard let major = line.nextField()?.unsigned, let minor = line.nextField()?.unsigned,
                let device = line.nextField()?.string
            else { throw .failed("/proc/diskstats: a line has no major, minor and name") }
            guard devices.lets(device) else { continue }
            describe(device, major, minor, files, &metrics)
            let label = Attributes.one("device", device)
            for (index, column) in DiskstatsCollector.columns.enumerated() {
                // Discards are there since Linux 4.18, flushes since 5.5.
                guard let value = line.nextField()?.unsigned else { break }
                let metric = DiskstatsCollector.metricNames[index]
                switch column.kind {
                case .count: metrics.counter(metric, help: column.help, value, label)
                case .sectors:
                    metrics.counter(metric, help: column.help, Double(value) * 512, label)
                case .milliseconds:
                    metrics.counter(metric, help: column.help, Double(value) / 1000, label)
                case .now: metrics.gauge(metric, help: column.help, value, label)
                }
            }
        }
    }

    private func describe(
        _ device: String, _ major: UInt64, _ minor: UInt64, _ files: HostFiles,
        _ metrics: inout Metrics
    ) {
        let disk = UdevProperties("\(files.udev)/b\(major):\(minor)", files.reader)
        metrics.gauge(
            "node_disk_info", help: "What udev knows of a block device; the value is 1.", 1,
            [
                "device": .string(device), "major": .string("\(major)"),
                "minor": .string("\(minor)"), "path": disk["ID_PATH"], "wwn": disk["ID_WWN"],
                "model": disk["ID_MODEL"],
                "serial": disk.has("SCSI_IDENT_SERIAL")
                    ? disk["SCSI_IDENT_SERIAL"] : disk["ID_SERIAL_SHORT"],
                "revision": disk["ID_REVISION"],
            ])
        if disk.has("ID_FS_TYPE") {
            metrics.gauge(
                "node_disk_filesystem_info",
                help: "The file system on a block device; the value is 1.", 1,
                [
                    "device": .string(device), "type": disk["ID_FS_TYPE"],
                    "usage": disk["ID_FS_USAGE"], "uuid": disk["ID_FS_UUID"],
                    "version": disk["ID_FS_VERSION"],
                ])
        }
        if disk.has("DM_NAME") {
            metrics.gauge(
                "node_disk_device_mapper_info",
                help: "What the device mapper knows of a block device; the value is 1.", 1,
                [
                    "device": .string(device), "name": disk["DM_NAME"], "uuid": disk["DM_UUID"],
                    "vg_name": disk["DM_VG_NAME"], "lv_name": disk["DM_LV_NAME"],
                    "lv_layer": disk["DM_LV_LAYER"],
                ])
        }
        let ata = [
            ("ID_ATA_WRITE_CACHE", "node_disk_ata_write_cache", "1: the disk has a write cache."),
            (
                "ID_ATA_WRITE_CACHE_ENABLED", "node_disk_ata_write_cache_enabled",
                "1: the disk's write cache is on."
            ),
            (
                "ID_ATA_ROTATION_RATE_RPM", "node_disk_ata_rotation_rate_rpm",
                "How fast the disk turns per minute; 0: it does not."
            ),
        ]
        for (key, metric, help) in ata {
            guard let value = disk.number(key) else { continue }
            metrics.gauge(metric, help: help, value, .one("device", device))
        }
    }
}

/// The `E:` lines of a file in /run/udev/data; empty where there is none.
private struct UdevProperties {
    private var values: [String: String] = [:]

    init(_ path: String, _ reader: FileReader) {
        guard var text = try? reader.read(path) else { return }
        while let line = text.nextLine() {
            guard line.hasPrefix("E:") else { continue }
            var rest = line.dropFirst(2)
            guard let key = rest.take(until: UInt8(ascii: "=")) else { continue }
            values[key.string] = rest.string
        }
    }

    func has(_ key: String) -> Bool { values[key] != nil }
    func number(_ key: String) -> Int? { values[key].flatMap { Int($0) } }
    subscript(key: String) -> Attributes.Value { .string(values[key] ?? "") }
}
