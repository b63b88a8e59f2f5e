import WeirSDK

/// Clock rates of processors, from /sys.
struct CpufreqCollector: Collector {
    let name = "cpufreq"
    private static let files: [(file: String, metric: String, help: String)] = [
        ("cpuinfo_cur_freq", "node_cpu_frequency_hertz", "Clock rate, as the hardware says."),
        ("cpuinfo_min_freq", "node_cpu_frequency_min_hertz", "Lowest possible clock rate."),
        ("cpuinfo_max_freq", "node_cpu_frequency_max_hertz", "Highest possible clock rate."),
        ("scaling_cur_freq", "node_cpu_scaling_frequency_hertz", "Clock rate, as scaled."),
        ("scaling_min_freq", "node_cpu_scaling_frequency_min_hertz", "Lowest rate of the scaling."),
        (
            "scaling_max_freq", "node_cpu_scaling_frequency_max_hertz",
            "Highest rate of the scaling."
        ),
    ]

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        let base = files.sysPath("devices/system/cpu")
        for cpu in Folder.names(base)
        where cpu.hasPrefix("cpu") && cpu.dropFirst(3).allSatisfy(\.isNumber) {
            guard let folder = try? Folder("\(base)/\(cpu)/cpufreq", files.reader) else { continue }
            let number = String(cpu.dropFirst(3))
            for (file, metric, help) in CpufreqCollector.files {
                guard let kilohertz = folder.unsigned(file) else { continue }
                metrics.gauge(metric, help: help, Double(kilohertz) * 1000, .one("cpu", number))
            }
            governors(folder, number, &metrics)
        }
    }

    private func governors(_ folder: borrowing Folder, _ cpu: String, _ metrics: inout Metrics) {
        guard var available = folder.text("scaling_available_governors"),
            let current = folder.text("scaling_governor")
        else { return }
        while let governor = available.nextField() {
            metrics.gauge(
                "node_cpu_scaling_governor", help: "1 for the governor that is in use.",
                governor == current ? 1 : 0,
                ["cpu": .string(cpu), "governor": .string(governor.string)])
        }
    }
}
