import Testing

@testable import MemoryLimiterPlugin

struct MemorySourceTests {
    /// Files, and the limit that they mean in bytes; 0: none.
    struct Machine: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var files: [String: String]
        var limit: Int
    }

    @Test(arguments: [
        Machine(
            testDescription: "version 2 in a container",
            files: ["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "536870912\n"],
            limit: 536_870_912),
        Machine(
            testDescription: "version 2 without a limit",
            files: ["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "max\n"], limit: 0),
        Machine(
            testDescription: "version 2, the ancestor is tighter",
            files: [
                "/proc/self/cgroup": "0::/kube/pod1/main\n",
                "/sys/fs/cgroup/kube/pod1/main/memory.max": "900",
                "/sys/fs/cgroup/kube/pod1/memory.max": "800",
                "/sys/fs/cgroup/kube/memory.max": "max",
            ], limit: 800),
        Machine(
            testDescription: "version 1 on a host",
            files: [
                "/proc/self/cgroup": "12:cpu,cpuacct:/a\n7:memory:/docker/abc\n0::/system\n",
                "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "1048576\n",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            ], limit: 1_048_576),
        Machine(
            testDescription: "version 1 in a container, whose path is the host's",
            files: [
                "/proc/self/cgroup": "7:memory:/docker/abc\n",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes": "1048576\n",
            ], limit: 1_048_576),
        Machine(testDescription: "no cgroups", files: [:], limit: 0),
    ])
    func readsCgroups(_ machine: Machine) {
        #expect(CgroupMemory { machine.files[$0] }.limit() ?? 0 == machine.limit)
    }

    @Test func readsTheMachinesMemory() {
        let text = "MemFree:          100 kB\nMemTotal:        8048236 kB\nBuffers: 1 kB\n"
        #expect(machineMemory(text) == 8_048_236 * 1024)
        #expect(machineMemory("MemFree: 1 kB\n") == nil)
    }

    /// The real files of the machine that runs this.
    @Test func readsThisProcess() throws {
        let memory = SystemMemory()
        let before = try memory.resident()
        #expect(before > 1 << 20)
        // Touched memory shows. Not "more than before": other tests give memory back meanwhile.
        var block = [UInt8](repeating: 1, count: 64 << 20)
        #expect(try memory.resident() >= 64 << 20)
        block[block.count / 2] = 2
        #expect(block.reduce(0) { $0 + Int($1) } > 64 << 20)
        #expect(try memory.available() >= before)
        memory.trim()
        #expect(SystemFiles().read("/no/such/file") == nil)
    }
}
