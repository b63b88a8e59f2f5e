import Testing
import WeirSDK
import WeirTestKit

@testable import HostPlugin

struct ContainerTests {
    private func use(_ groups: String, _ files: [String: String]) throws -> ControlGroup.Use {
        let tree = try TestTree(files)
        let group = ControlGroup(
            Text(Array(groups.utf8)), mount: tree.root + "/cgroup", FileReader())
        return group.read(FileReader())
    }

    @Test func version2() throws {
        let files = [
            "memory.current": "1000\n", "memory.max": "max\n", "memory.peak": "1500\n",
            "memory.stat": "anon 300\nfile 400\ninactive_file 250\nfile_mapped 7\n",
            "memory.events": "low 0\nmax 5\noom 1\noom_kill 2\n", "cpu.max": "150000 100000\n",
            "cpu.weight": "100\n",
            "cpu.stat":
                "usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\nnr_periods 10\nnr_throttled 3\nthrottled_usec 4000000\n",
            "pids.current": "12\n", "pids.max": "500\n",
        ]
        // As a container sees itself, and as the host sees it.
        for (groups, folder) in [("0::/\n", "cgroup/"), ("0::/pod/c1\n", "cgroup/pod/c1/")] {
            let found = try use(
                groups,
                Dictionary(uniqueKeysWithValues: files.map { (folder + $0.key, $0.value) }))
            #expect(found.memory.used == 1000)
            #expect(found.memory.limit == nil)
            #expect(found.memory.inactiveFiles == 250)
            #expect(found.memory.anonymous == 300)
            #expect(found.memory.kills == 2)
            #expect(found.memory.highest == 1500)
            #expect(found.cpu.total == 2.5)
            #expect(found.cpu.quota == 150_000)
            #expect(found.cpu.period == 100_000)
            #expect(found.cpu.shares == 2597)
            #expect(found.cpu.throttledPeriods == 3)
            #expect(found.cpu.throttled == 4)
            #expect(found.processes == 12)
            #expect(found.processLimit == 500)
        }
    }

    @Test func version1() throws {
        let found = try use(
            "4:memory:/docker/c1\n3:cpu,cpuacct:/docker/c1\n2:pids:/docker/c1\n0::/\n",
            [
                "cgroup/memory/memory.usage_in_bytes": "1000\n",
                "cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
                "cgroup/memory/memory.failcnt": "4\n",
                "cgroup/memory/memory.stat":
                    "cache 5\ntotal_cache 50\ntotal_rss 60\ntotal_inactive_file 100\n",
                "cgroup/cpu/docker/c1/cpu.cfs_period_us": "100000\n",
                "cgroup/cpu/docker/c1/cpu.cfs_quota_us": "-1\n",
                "cgroup/cpu/docker/c1/cpu.shares": "1024\n",
                "cgroup/cpuacct/docker/c1/cpuacct.usage": "1500000000\n",
                "cgroup/cpuacct/docker/c1/cpuacct.stat": "user 100\nsystem 50\n",
                "cgroup/pids/docker/c1/pids.current": "3\n",
            ])
        #expect(found.memory.used == 1000)
        #expect(found.memory.limit == nil)
        #expect(found.memory.inactiveFiles == 100)
        #expect(found.memory.files == 50)
        #expect(found.memory.failures == 4)
        #expect(found.cpu.quota == nil)
        #expect(found.cpu.period == 100_000)
        #expect(found.cpu.shares == 1024)
        #expect(found.cpu.total == 1.5)
        #expect(found.cpu.user == 1)
        #expect(found.processes == 3)
    }

    @Test func nothing() throws {
        #expect(try use("0::/\n", [:]) == ControlGroup.Use())
        #expect(try use("", [:]) == ControlGroup.Use())
        #expect(try use("::::\n\n0", ["cgroup/memory.current": "x"]) == ControlGroup.Use())
    }
}
