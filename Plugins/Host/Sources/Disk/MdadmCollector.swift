import WeirSDK

/// Software RAID, from /proc/mdstat.
struct MdadmCollector: Collector {
    let name = "mdadm"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        for array in MdArray.read(try files.proc("mdstat")) {
            let device = Attributes.one("device", array.name)
            for state in ["active", "inactive", "recovering", "resync", "check"] {
                metrics.gauge(
                    "node_md_state", help: "1 for the state that the array is in.",
                    array.state == state ? 1 : 0, device.adding("state", .string(state)))
            }
            let disks = [
                ("active", array.activeDisks), ("failed", array.failedDisks),
                ("spare", array.spareDisks),
            ]
            for (state, count) in disks {
                metrics.gauge(
                    "node_md_disks", help: "Disks of the array by state.", count,
                    device.adding("state", .string(state)))
            }
            metrics.gauge(
                "node_md_disks_required", help: "Disks that the array should have.",
                array.requiredDisks, device)
            metrics.gauge("node_md_blocks", help: "Blocks of the array.", array.blocks, device)
            metrics.gauge(
                "node_md_blocks_synced", help: "Blocks that are in sync.", array.syncedBlocks,
                device)
        }
    }
}

/// One array of /proc/mdstat.
struct MdArray: Equatable {
    var name: String
    var state = "inactive"
    var requiredDisks = 0
    var activeDisks = 0
    var failedDisks = 0
    var spareDisks = 0
    var blocks = 0
    var syncedBlocks = 0

    /// ```
    /// md3 : active raid6 sda1[8] sdh1[7](F) sdg1[6](S)
    ///       5853468288 blocks super 1.2 level 6, 64k chunk [8/8] [UUUUUUUU]
    ///       [==>..]  recovery = 8.5% (16775552/195310144) finish=17.0min speed=259783K/sec
    /// ```
    static func read(_ text: Text) -> [MdArray] {
        var text = text
        var arrays: [MdArray] = []
        while let line = text.nextLine() {
            let words = line.string.split(separator: " ").map(String.init)
            if words.count >= 3, words[1] == ":", words[0] != "Personalities",
                words[0].hasPrefix("md")
            {
                arrays.append(MdArray(words))
            } else if !arrays.isEmpty {
                arrays[arrays.count - 1].add(words)
            }
        }
        return arrays
    }

    private init(_ words: [String]) {
        name = words[0]
        state = words[2]
        let disks = words.dropFirst(3).filter { $0.contains("[") }
        failedDisks = disks.filter { $0.hasSuffix("(F)") }.count
        spareDisks = disks.filter { $0.hasSuffix("(S)") }.count
        // Levels without redundancy say no more than this.
        activeDisks = disks.count - failedDisks - spareDisks
        requiredDisks = activeDisks
    }

    private mutating func add(_ words: [String]) {
        if words.count >= 2, words[1] == "blocks", let count = Int(words[0]) {
            (blocks, syncedBlocks) = (count, count)
            // [required/active]
            if let counts = words.first(where: { $0.hasPrefix("[") && $0.contains("/") }) {
                let numbers = counts.dropFirst().dropLast().split(separator: "/")
                if numbers.count == 2, let required = Int(numbers[0]), let active = Int(numbers[1])
                {
                    (requiredDisks, activeDisks) = (required, active)
                }
            }
            return
        }
        for (word, name) in [("recovery", "recovering"), ("resync", "resync"), ("check", "check")] {
            guard words.contains(where: { $0.hasPrefix(word) }) else { continue }
            state = name
            // (done/all)
            if let pair = words.first(where: { $0.hasPrefix("(") && $0.contains("/") }),
                let done = Int(pair.dropFirst().prefix { $0 != "/" })
            {
                syncedBlocks = done
            }
        }
    }
}
