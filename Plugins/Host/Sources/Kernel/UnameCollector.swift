import Glibc
import WeirSDK

/// The system's name and version, from uname(2).
struct UnameCollector: Collector {
    let name = "uname"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        var raw = utsname()
        guard unsafe uname(&raw) == 0 else { throw CollectorFailure("uname", errno) }
        metrics.gauge(
            "node_uname_info", help: "What uname(2) says; the value is 1.", 1,
            [
                "sysname": .string(text(&raw.sysname)), "release": .string(text(&raw.release)),
                "version": .string(text(&raw.version)), "machine": .string(text(&raw.machine)),
                "nodename": .string(text(&raw.nodename)),
                "domainname": .string(text(&raw.__domainname)),
            ])
    }

    private func text<Tuple>(_ field: inout Tuple) -> String {
        unsafe withUnsafeBytes(of: &field) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
