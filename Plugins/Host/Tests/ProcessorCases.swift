let processorCases: [CollectorCase] = [
    CollectorCase(
        collector: "cpu",
        files: [
            "proc/stat": """
            cpu  100 200 300 400 500 600 700 800 900 1000
            cpu0 10 20 30 40 50 60 70 80 90 100
            intr 5

            """,
            "sys/devices/system/cpu/cpu0/topology/core_id": "3\n",
            "sys/devices/system/cpu/cpu0/topology/physical_package_id": "1\n",
            "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count": "7\n",
            "sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count": "8\n",
        ],
        expected: [
            #"node_cpu_seconds_total{cpu="0",mode="user"}"#: 0.1,
            #"node_cpu_seconds_total{cpu="0",mode="nice"}"#: 0.2,
            #"node_cpu_seconds_total{cpu="0",mode="system"}"#: 0.3,
            #"node_cpu_seconds_total{cpu="0",mode="idle"}"#: 0.4,
            #"node_cpu_seconds_total{cpu="0",mode="iowait"}"#: 0.5,
            #"node_cpu_seconds_total{cpu="0",mode="irq"}"#: 0.6,
            #"node_cpu_seconds_total{cpu="0",mode="softirq"}"#: 0.7,
            #"node_cpu_seconds_total{cpu="0",mode="steal"}"#: 0.8,
            #"node_cpu_guest_seconds_total{cpu="0",mode="user"}"#: 0.9,
            #"node_cpu_guest_seconds_total{cpu="0",mode="nice"}"#: 1,
            #"node_cpu_core_throttles_total{core="3",package="1"}"#: 7,
            #"node_cpu_package_throttles_total{package="1"}"#: 8,
        ]),
    // Linux before 2.6.33 has fewer columns.
    CollectorCase(
        collector: "cpu", files: ["proc/stat": "cpu 1 1 1 1\ncpu12 1 2 3 400\n"],
        expected: [
            #"node_cpu_seconds_total{cpu="12",mode="idle"}"#: 4,
            #"node_cpu_seconds_total{cpu="12",mode="steal"}"#: 0,
        ], isAll: false),
    CollectorCase(
        collector: "cpu", files: ["proc/stat": "cpu0 1 2 x 4\n"], expected: [:], isWell: false),
    CollectorCase(
        collector: "cpu", files: ["proc/stat": "btime 1\n"], expected: [:], isWell: false),
    CollectorCase(
        collector: "cpufreq",
        files: [
            "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq": "1200000\n",
            "sys/devices/system/cpu/cpu1/cpufreq/cpuinfo_max_freq": "3500000\n",
            "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "performance\n",
            "sys/devices/system/cpu/cpu1/cpufreq/scaling_available_governors":
                "performance powersave\n",
            "sys/devices/system/cpu/cpuidle/cpufreq/scaling_cur_freq": "1\n",
        ],
        expected: [
            #"node_cpu_scaling_frequency_hertz{cpu="1"}"#: 1.2e9,
            #"node_cpu_frequency_max_hertz{cpu="1"}"#: 3.5e9,
            #"node_cpu_scaling_governor{cpu="1",governor="performance"}"#: 1,
            #"node_cpu_scaling_governor{cpu="1",governor="powersave"}"#: 0,
        ]),
    CollectorCase(
        collector: "loadavg", files: ["proc/loadavg": "6.96 5.15 3.95 10/189 11205\n"],
        expected: ["node_load1": 6.96, "node_load5": 5.15, "node_load15": 3.95]),
    CollectorCase(
        collector: "loadavg", files: ["proc/loadavg": "6.96 5.15\n"],
        expected: ["node_load1": 6.96, "node_load5": 5.15], isWell: false),
    CollectorCase(
        collector: "stat",
        files: [
            "proc/stat": """
            cpu  1 2 3 4
            intr 26983858 0 1 2
            ctxt 123
            btime 1795233600
            processes 456
            procs_running 3
            procs_blocked 1
            softirq 99 1 2

            """
        ],
        expected: [
            "node_intr_total": 26_983_858, "node_context_switches_total": 123,
            "node_boot_time_seconds": 1_795_233_600, "node_forks_total": 456,
            "node_procs_running": 3, "node_procs_blocked": 1,
        ]),
    CollectorCase(
        collector: "schedstat",
        files: [
            "proc/schedstat":
                "version 15\ntimestamp 15819019232\ncpu0 498494191 0 3533438552 2553969831 3853684107 2465731542 2045936778163039 343796328169361 4767485306\ndomain0 3 2\n"
        ],
        expected: [
            #"node_schedstat_running_seconds_total{cpu="0"}"#: 2_045_936.778163039,
            #"node_schedstat_waiting_seconds_total{cpu="0"}"#: 343_796.328169361,
            #"node_schedstat_timeslices_total{cpu="0"}"#: 4_767_485_306,
        ]),
    CollectorCase(
        collector: "pressure",
        files: [
            "proc/pressure/cpu": "some avg10=97.70 avg60=75.76 avg300=71.69 total=11813830817\n",
            "proc/pressure/io":
                "some avg10=0 avg60=0 avg300=0 total=2000000\nfull avg10=0 avg60=0 avg300=0 total=1500000\n",
            "proc/pressure/memory": "some total=0\nfull total=500\n",
        ],
        expected: [
            "node_pressure_cpu_waiting_seconds_total": 11_813.830817,
            "node_pressure_io_waiting_seconds_total": 2,
            "node_pressure_io_stalled_seconds_total": 1.5,
            "node_pressure_memory_waiting_seconds_total": 0,
            "node_pressure_memory_stalled_seconds_total": 0.0005,
        ]),
]

let memoryCases: [CollectorCase] = [
    CollectorCase(
        collector: "meminfo",
        files: [
            "proc/meminfo":
                "MemTotal:       24684096 kB\nActive(anon):       6976 kB\nHugePages_Total:       5\nDirectMap2M:  1 kB\n"
        ],
        expected: [
            "node_memory_MemTotal_bytes": 24_684_096 * 1024,
            "node_memory_Active_anon_bytes": 6976 * 1024, "node_memory_HugePages_Total": 5,
            "node_memory_DirectMap2M_bytes": 1024,
        ]),
    CollectorCase(
        collector: "meminfo", files: ["proc/meminfo": "MemTotal: 1 kB\nMemFree: many kB\n"],
        expected: ["node_memory_MemTotal_bytes": 1024], isWell: false),
    CollectorCase(
        collector: "vmstat",
        files: [
            "proc/vmstat": "nr_free_pages 5\npgpgin 7\npgfault 8\noom_kill 1\npgscan_kswapd 3\n"
        ],
        expected: ["node_vmstat_pgpgin": 7, "node_vmstat_pgfault": 8, "node_vmstat_oom_kill": 1]),
]
