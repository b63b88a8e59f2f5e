import Foundation
import Synchronization
import Testing
import WeirSDK
import WeirTestKit

@testable import HostPlugin

/// What depends on the collections before, and on where files are.
struct StateTests {
    /// idle goes back by a little on a busy machine; a processor that was away begins anew.
    @Test func countersDoNotGoBack() throws {
        let tree = try TestTree(["proc/stat": "cpu0 100 0 0 5000 0 0 0 0 0 0\n"])
        let instance = try tree.start("cpu")
        _ = try instance.collect()
        try tree.write("cpu0 200 0 0 4999 0 0 0 0 0 0\n", to: "proc/stat")
        let second = Collected(try instance.collect())
        #expect(second[#"node_cpu_seconds_total{cpu="0",mode="idle"}"#] == 50)
        #expect(second[#"node_cpu_seconds_total{cpu="0",mode="user"}"#] == 2)
        try tree.write("cpu0 1 0 0 2 0 0 0 0 0 0\n", to: "proc/stat")
        let third = Collected(try instance.collect())
        #expect(third[#"node_cpu_seconds_total{cpu="0",mode="idle"}"#] == 0.02)
        try instance.end()
    }

    /// Lines that come and go between collections do not shift the others.
    @Test func linesMayMove() throws {
        let tree = try TestTree(["proc/meminfo": "MemTotal: 1 kB\nMemFree: 2 kB\n"])
        let instance = try tree.start("meminfo")
        _ = try instance.collect()
        try tree.write("MemFree: 3 kB\nBuffers: 4 kB\nMemTotal: 5 kB\n", to: "proc/meminfo")
        let second = Collected(try instance.collect())
        #expect(second["node_memory_MemFree_bytes"] == 3072)
        #expect(second["node_memory_Buffers_bytes"] == 4096)
        #expect(second["node_memory_MemTotal_bytes"] == 5120)
        try instance.end()
    }

    /// Under a prefix, the network is that of process 1 of the host.
    @Test func networkOfTheHost() throws {
        let line = "eth9: 7 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
        let tree = try TestTree([
            "proc/1/net/dev": line, "proc/net/dev": "eth0: 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
        ])
        let found = try tree.collect("netdev")
        #expect(found[#"node_network_receive_bytes_total{device="eth9"}"#] == 7)
        #expect(found[#"node_network_receive_bytes_total{device="eth0"}"#] == nil)
    }

    @Test func excludes() throws {
        let tree = try TestTree([
            "proc/net/dev":
                "veth1: 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\nlo: 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
        ])
        let found = try tree.collect("netdev", #", "netdev": {"device_exclude": "^veth"}"#)
        #expect(found.values.keys.allSatisfy { $0.contains(#"device="lo""#) })
        #expect(found.values.count == 16)
    }

    @Test func textfiles() throws {
        let tree = try TestTree([
            "text/a.prom": "# TYPE backup_age_seconds gauge\nbackup_age_seconds{job=\"db\"} 12\n",
            "text/b.prom":
                "# TYPE backup_age_seconds gauge\nbackup_age_seconds{job=\"db\"} 13\nbackup_age_seconds{job=\"x\"} 1\n",
            "text/c.txt": "not_this 1\n",
        ])
        let settings = #", "textfile": {"directory": "\#(tree.root)/text"}"#
        let found = try tree.collect("textfile", settings)
        #expect(found[#"backup_age_seconds{job="db"}"#] == 12)
        #expect(found[#"backup_age_seconds{job="x"}"#] == 1)
        #expect(found["node_textfile_scrape_error"] == 0)
        #expect(found[#"node_textfile_mtime_seconds{file="\#(tree.root)/text/a.prom"}"#] != nil)
        #expect(found.values.count == 5)
        #expect(found.kinds["backup_age_seconds"] == .gauge)
        try tree.write("broken{ 1\n", to: "text/d.prom")
        let broken = try tree.collect("textfile", settings)
        #expect(broken["node_textfile_scrape_error"] == 1)
        #expect(broken[#"backup_age_seconds{job="db"}"#] == 12)
    }

    @Test(arguments: [
        ("/a\\040b", "/a b"), ("/tab\\011", "/tab\t"), ("/back\\134slash", "/back\\slash"),
        ("/not\\04", "/not\\04"), ("/\\999", "/\\999"), ("\\777", "\\777"),
    ])
    func mountPointsAreUnescaped(_ raw: String, _ path: String) {
        #expect(Mount.unescaped(Text(Array(raw.utf8))) == path)
    }
}
