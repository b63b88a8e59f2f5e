import WeirSDK

/// Bytes that wait in the queues of UDP sockets.
struct UdpQueuesCollector: Collector {
    let name = "udp_queues"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        for (file, version) in [("udp", "v4"), ("udp6", "v6")] {
            guard var text = try? files.net(file) else {
                if file == "udp" { throw .noData("there is no /proc/net/udp") }
                continue
            }
            _ = text.nextLine()
            var (sent, received): (UInt64, UInt64) = (0, 0)
            while var line = text.nextLine() {
                guard line.skipFields(4), var queues = line.nextField(),
                    let tx = queues.take(until: UInt8(ascii: ":"))?.hexadecimal,
                    let rx = queues.hexadecimal
                else { throw .failed("/proc/net/\(file): a line has no queues") }
                sent &+= tx
                received &+= rx
            }
            for (queue, bytes) in [("tx", sent), ("rx", received)] {
                metrics.gauge(
                    "node_udp_queues", help: "Bytes that wait in UDP sockets.", bytes,
                    ["queue": .string(queue), "ip": .string(version)])
            }
        }
    }
}
