let diskCases: [CollectorCase] = [
    CollectorCase(
        collector: "diskstats",
        files: [
            "proc/diskstats": """
               7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
             254       0 vda 1 2 4 3000 5 6 8 7000 9 10000 11000 12 13 14 15000 16 17000
               8       1 sda1 1 2 3 4 5 6 7 8 9 10 11

            """,
            "run/udev/data/b254:0": """
            S:disk/by-id/x
            E:ID_MODEL=QEMU_DISK
            E:ID_SERIAL_SHORT=77
            E:ID_PATH=pci-0000:00:04.0
            E:ID_WWN=0x5
            E:ID_REVISION=2.5+
            E:ID_FS_TYPE=ext4
            E:ID_FS_UUID=aa-bb
            E:ID_FS_VERSION=1.0
            E:ID_FS_USAGE=filesystem
            E:ID_ATA_ROTATION_RATE_RPM=7200

            """,
        ],
        expected: [
            #"node_disk_info{device="vda",major="254",minor="0",path="pci-0000:00:04.0",wwn="0x5",model="QEMU_DISK",serial="77",revision="2.5+"}"#:
                1,
            #"node_disk_filesystem_info{device="vda",type="ext4",usage="filesystem",uuid="aa-bb",version="1.0"}"#:
                1,
            #"node_disk_ata_rotation_rate_rpm{device="vda"}"#: 7200,
            #"node_disk_reads_completed_total{device="vda"}"#: 1,
            #"node_disk_reads_merged_total{device="vda"}"#: 2,
            #"node_disk_read_bytes_total{device="vda"}"#: 2048,
            #"node_disk_read_time_seconds_total{device="vda"}"#: 3,
            #"node_disk_writes_completed_total{device="vda"}"#: 5,
            #"node_disk_writes_merged_total{device="vda"}"#: 6,
            #"node_disk_written_bytes_total{device="vda"}"#: 4096,
            #"node_disk_write_time_seconds_total{device="vda"}"#: 7,
            #"node_disk_io_now{device="vda"}"#: 9,
            #"node_disk_io_time_seconds_total{device="vda"}"#: 10,
            #"node_disk_io_time_weighted_seconds_total{device="vda"}"#: 11,
            #"node_disk_discards_completed_total{device="vda"}"#: 12,
            #"node_disk_discards_merged_total{device="vda"}"#: 13,
            #"node_disk_discarded_sectors_total{device="vda"}"#: 14,
            #"node_disk_discard_time_seconds_total{device="vda"}"#: 15,
            #"node_disk_flush_requests_total{device="vda"}"#: 16,
            #"node_disk_flush_requests_time_seconds_total{device="vda"}"#: 17,
        ]),
    CollectorCase(
        collector: "mdadm",
        files: [
            "proc/mdstat": """
            Personalities : [raid1] [raid6]
            md3 : active raid6 sda1[8] sdh1[7](F) sdg1[6](S) sdf1[5]
                  5853468288 blocks super 1.2 level 6, 64k chunk, algorithm 2 [3/2] [UU_]
                  [==>..................]  recovery =  8.5% (16775552/195310144) finish=17.0min

            md0 : active raid0 sdb1[0] sdc1[1]
                  1000 blocks super 1.2 512k chunks

            unused devices: <none>

            """
        ],
        expected: [
            #"node_md_state{device="md3",state="recovering"}"#: 1,
            #"node_md_state{device="md3",state="active"}"#: 0,
            #"node_md_disks{device="md3",state="active"}"#: 2,
            #"node_md_disks{device="md3",state="failed"}"#: 1,
            #"node_md_disks{device="md3",state="spare"}"#: 1,
            #"node_md_disks_required{device="md3"}"#: 3,
            #"node_md_blocks{device="md3"}"#: 5_853_468_288,
            #"node_md_blocks_synced{device="md3"}"#: 16_775_552,
            #"node_md_state{device="md0",state="active"}"#: 1,
            #"node_md_disks{device="md0",state="active"}"#: 2,
            #"node_md_blocks_synced{device="md0"}"#: 1000,
        ], isAll: false),
]
