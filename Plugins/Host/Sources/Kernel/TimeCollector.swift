import Glibc
import WeirSDK

/// The time, its zone, and the clocks that the kernel can take it from.
struct TimeCollector: Collector {
    let name = "time"
    let host: Host

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        let now = host.now
        metrics.gauge("node_time_seconds", help: "Unix time.", Double(now) / 1e9)
        var moment = time_t(now / 1_000_000_000)
        var local = unsafe tm()
        if unsafe localtime_r(&moment, &local) != nil {
            let zone = unsafe local.tm_zone.map { unsafe String(cString: $0) } ?? ""
            unsafe metrics.gauge(
                "node_time_zone_offset_seconds", help: "Of local time from UTC.",
                local.tm_gmtoff,
                .one("time_zone", zone))
        }
        let base = files.sysPath("devices/system/clocksource")
        for source in Folder.names(base) where source.hasPrefix("clocksource") {
            guard let folder = try? Folder("\(base)/\(source)", files.reader) else { continue }
            let device = String(source.dropFirst("clocksource".count))
            if var available = folder.text("available_clocksource") {
                while let clock = available.nextField() {
                    metrics.gauge(
                        "node_time_clocksource_available_info",
                        help: "A clock that there is; the value is 1.", 1,
                        ["device": .string(device), "clocksource": .string(clock.string)])
                }
            }
            if let clock = folder.text("current_clocksource") {
                metrics.gauge(
                    "node_time_clocksource_current_info",
                    help: "The clock that is used; the value is 1.", 1,
                    ["device": .string(device), "clocksource": .string(clock.string)])
            }
        }
    }
}
