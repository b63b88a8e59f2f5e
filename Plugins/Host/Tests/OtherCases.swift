let otherCases: [CollectorCase] = [
    CollectorCase(
        collector: "filefd", files: ["proc/sys/fs/file-nr": "2119\t0\t9223372036854775807\n"],
        expected: ["node_filefd_allocated": 2119, "node_filefd_maximum": 9.223372036854775807e18]),
    CollectorCase(
        collector: "entropy",
        files: [
            "proc/sys/kernel/random/entropy_avail": "256\n",
            "proc/sys/kernel/random/poolsize": "4096\n",
        ], expected: ["node_entropy_available_bits": 256, "node_entropy_pool_size_bits": 4096]),
    CollectorCase(
        collector: "os",
        files: [
            "etc/os-release":
                "NAME=\"Debian \\\"GNU\\\"\"\nID=debian\nVERSION_ID='12.5.1'\n# a comment\nID_LIKE=\n"
        ],
        expected: [
            #"node_os_version{id="debian",id_like="",name="Debian "GNU""}"#: 12.5,
            #"node_os_info{build_id="",id="debian",id_like="",image_id="",image_version="",name="Debian "GNU"",pretty_name="",variant="",variant_id="",version="",version_codename="",version_id="12.5.1"}"#:
                1,
        ]),
    CollectorCase(
        collector: "selinux", files: ["proc/version": "x"], expected: ["node_selinux_enabled": 0]),
    CollectorCase(
        collector: "selinux",
        files: [
            "sys/fs/selinux/enforce": "1", "etc/selinux/config": "# x\nSELINUX=permissive\n",
        ],
        expected: [
            "node_selinux_enabled": 1, "node_selinux_current_mode": 1,
            "node_selinux_config_mode": 0,
        ]),
    CollectorCase(
        collector: "dmi",
        files: [
            "sys/class/dmi/id/bios_vendor": "SeaBIOS\n", "sys/class/dmi/id/sys_vendor": "QEMU\n",
        ], expected: [#"node_dmi_info{bios_vendor="SeaBIOS",system_vendor="QEMU"}"#: 1]),
    CollectorCase(
        collector: "thermal_zone",
        files: [
            "sys/class/thermal/thermal_zone0/type": "x86_pkg_temp\n",
            "sys/class/thermal/thermal_zone0/temp": "48500\n",
            "sys/class/thermal/cooling_device1/type": "Processor\n",
            "sys/class/thermal/cooling_device1/cur_state": "2\n",
            "sys/class/thermal/cooling_device1/max_state": "10\n",
        ],
        expected: [
            #"node_thermal_zone_temp{zone="0",type="x86_pkg_temp"}"#: 48.5,
            #"node_cooling_device_cur_state{name="1",type="Processor"}"#: 2,
            #"node_cooling_device_max_state{name="1",type="Processor"}"#: 10,
        ]),
    CollectorCase(
        collector: "hwmon",
        files: [
            "sys/class/hwmon/hwmon0/name": "coretemp\n",
            "sys/class/hwmon/hwmon0/temp1_input": "45000\n",
            "sys/class/hwmon/hwmon0/temp1_crit_alarm": "1000\n",
            "sys/class/hwmon/hwmon0/temp1_alarm": "1\n",
            "sys/class/hwmon/hwmon0/temp1_label": "Core 0\n",
            "sys/class/hwmon/hwmon0/fan2_input": "1200\n",
            "sys/class/hwmon/hwmon0/in0_input": "1080\n",
            "sys/class/hwmon/hwmon0/energy1_input": "5000000\n",
            "sys/class/hwmon/hwmon0/power1_average": "7000000\n",
            "sys/class/hwmon/hwmon0/uevent": "x\n",
        ],
        expected: [
            #"node_hwmon_chip_names{chip="coretemp",chip_name="coretemp"}"#: 1,
            #"node_hwmon_temp_celsius{chip="coretemp",sensor="temp1"}"#: 45,
            #"node_hwmon_temp_crit_alarm_celsius{chip="coretemp",sensor="temp1"}"#: 1,
            #"node_hwmon_temp_alarm{chip="coretemp",sensor="temp1"}"#: 1,
            #"node_hwmon_sensor_label{chip="coretemp",sensor="temp1",label="Core 0"}"#: 1,
            #"node_hwmon_fan_rpm{chip="coretemp",sensor="fan2"}"#: 1200,
            #"node_hwmon_in_volts{chip="coretemp",sensor="in0"}"#: 1.08,
            #"node_hwmon_energy_joule_total{chip="coretemp",sensor="energy1"}"#: 5,
            #"node_hwmon_power_average_watt{chip="coretemp",sensor="power1"}"#: 7,
        ]),
    CollectorCase(
        collector: "nvme",
        files: [
            "sys/class/nvme/nvme0/model": "Fast 1TB  \n", "sys/class/nvme/nvme0/serial": "S1\n",
            "sys/class/nvme/nvme0/firmware_rev": "2B\n", "sys/class/nvme/nvme0/state": "live\n",
        ],
        expected: [
            #"node_nvme_info{device="nvme0",firmware_revision="2B",model="Fast 1TB",serial="S1",state="live"}"#:
                1
        ]),
    CollectorCase(
        collector: "edac",
        files: [
            "sys/devices/system/edac/mc/mc0/ce_count": "1\n",
            "sys/devices/system/edac/mc/mc0/ue_count": "2\n",
            "sys/devices/system/edac/mc/mc0/ce_noinfo_count": "3\n",
            "sys/devices/system/edac/mc/mc0/csrow1/ue_count": "4\n",
        ],
        expected: [
            #"node_edac_correctable_errors_total{controller="0"}"#: 1,
            #"node_edac_uncorrectable_errors_total{controller="0"}"#: 2,
            #"node_edac_csrow_correctable_errors_total{controller="0",csrow="unknown"}"#: 3,
            #"node_edac_csrow_uncorrectable_errors_total{controller="0",csrow="1"}"#: 4,
        ]),
]
