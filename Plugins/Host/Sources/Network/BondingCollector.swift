import WeirSDK

/// Interfaces that are bonded, and how many of them work.
struct BondingCollector: Collector {
    let name = "bonding"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        var masters = try files.reader.read(files.sysPath("class/net/bonding_masters"))
        while let master = masters.nextField()?.string {
            let base = files.sysPath("class/net/\(master)")
            var slaves = try files.reader.read("\(base)/bonding/slaves")
            var (count, active) = (0, 0)
            while let slave = slaves.nextField()?.string {
                count += 1
                // Kernels before 3.11 have the first name.
                let state =
                    (try? files.reader.read("\(base)/slave_\(slave)/bonding_slave/mii_status"))
                    ?? (try? files.reader.read("\(base)/lower_\(slave)/bonding_slave/mii_status"))
                if let state, state.trimmed == "up" { active += 1 }
            }
            let label = Attributes.one("master", master)
            metrics.gauge("node_bonding_slaves", help: "Interfaces of a bond.", count, label)
            metrics.gauge(
                "node_bonding_active", help: "Interfaces of a bond that are up.", active, label)
        }
    }
}
