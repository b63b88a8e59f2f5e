let networkCases: [CollectorCase] = [
    CollectorCase(
        collector: "netdev",
        files: [
            "proc/net/dev": """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0
              eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16

            """,
            "sys/class/net/eth0/statistics/rx_nohandler": "17\n",
        ],
        expected: [
            #"node_network_receive_bytes_total{device="eth0"}"#: 1,
            #"node_network_receive_packets_total{device="eth0"}"#: 2,
            #"node_network_receive_errs_total{device="eth0"}"#: 3,
            #"node_network_receive_drop_total{device="eth0"}"#: 4,
            #"node_network_receive_fifo_total{device="eth0"}"#: 5,
            #"node_network_receive_frame_total{device="eth0"}"#: 6,
            #"node_network_receive_compressed_total{device="eth0"}"#: 7,
            #"node_network_receive_multicast_total{device="eth0"}"#: 8,
            #"node_network_transmit_bytes_total{device="eth0"}"#: 9,
            #"node_network_transmit_packets_total{device="eth0"}"#: 10,
            #"node_network_transmit_errs_total{device="eth0"}"#: 11,
            #"node_network_transmit_drop_total{device="eth0"}"#: 12,
            #"node_network_transmit_fifo_total{device="eth0"}"#: 13,
            #"node_network_transmit_colls_total{device="eth0"}"#: 14,
            #"node_network_transmit_carrier_total{device="eth0"}"#: 15,
            #"node_network_transmit_compressed_total{device="eth0"}"#: 16,
            #"node_network_receive_nohandler_total{device="eth0"}"#: 17,
        ]),
    CollectorCase(
        collector: "netclass",
        files: [
            "sys/class/net/bonding_masters": "\n",
            "sys/class/net/eth0/operstate": "up\n", "sys/class/net/eth0/address": "02:fc::1\n",
            "sys/class/net/eth0/dev_id": "0x1f\n", "sys/class/net/eth0/speed": "1000\n",
            "sys/class/net/eth0/mtu": "1500\n", "sys/class/net/eth0/carrier_changes": "4\n",
            "sys/class/net/tun0/operstate": "down\n", "sys/class/net/tun0/speed": "-1\n",
        ],
        expected: [
            #"node_network_up{device="eth0"}"#: 1,
            #"node_network_info{device="eth0",address="02:fc::1",broadcast="",duplex="",operstate="up",ifalias=""}"#:
                1,
            #"node_network_device_id{device="eth0"}"#: 31,
            #"node_network_speed_bytes{device="eth0"}"#: 125_000_000,
            #"node_network_mtu_bytes{device="eth0"}"#: 1500,
            #"node_network_carrier_changes_total{device="eth0"}"#: 4,
            #"node_network_up{device="tun0"}"#: 0,
            #"node_network_info{device="tun0",address="",broadcast="",duplex="",operstate="down",ifalias=""}"#:
                1,
            #"node_network_speed_bytes{device="tun0"}"#: -125_000,
        ]),
    CollectorCase(
        collector: "netstat",
        files: [
            "proc/net/netstat":
                "TcpExt: SyncookiesSent TW ListenDrops\nTcpExt: 1 2 3\nIpExt: InNoRoutes InOctets\nIpExt: 4 5\n",
            "proc/net/snmp":
                "Ip: Forwarding DefaultTTL\nIp: 2 64\nTcp: MaxConn CurrEstab InErrs\nTcp: -1 7 8\n",
            "proc/net/snmp6":
                "Ip6InReceives  1\nIp6InOctets \t9\nUdpLite6InErrors 10\nIcmp6InMsgs 11\n",
        ],
        expected: [
            "node_netstat_TcpExt_SyncookiesSent": 1, "node_netstat_TcpExt_ListenDrops": 3,
            "node_netstat_IpExt_InOctets": 5, "node_netstat_Ip_Forwarding": 2,
            "node_netstat_Tcp_CurrEstab": 7, "node_netstat_Tcp_InErrs": 8,
            "node_netstat_Ip6_InOctets": 9, "node_netstat_UdpLite6_InErrors": 10,
            "node_netstat_Icmp6_InMsgs": 11,
        ]),
    CollectorCase(
        collector: "netstat",
        files: ["proc/net/netstat": "TcpExt: ListenDrops\nIpExt: 3\n", "proc/net/snmp": ""],
        expected: [:], isWell: false),
    CollectorCase(
        collector: "sockstat",
        files: [
            "proc/net/sockstat": "sockets: used 66\nTCP: inuse 2 mem 3\nFRAG: inuse 0 memory 5\n",
            "proc/net/sockstat6": "TCP6: inuse 1\n",
        ],
        expected: [
            "node_sockstat_sockets_used": 66, "node_sockstat_TCP_inuse": 2,
            "node_sockstat_TCP_mem": 3, "node_sockstat_TCP_mem_bytes": 3 * 4096,
            "node_sockstat_FRAG_inuse": 0, "node_sockstat_FRAG_memory": 5,
            "node_sockstat_TCP6_inuse": 1,
        ]),
    CollectorCase(
        collector: "softnet",
        files: [
            "proc/net/softnet_stat":
                "000000ff 00000001 00000002 0 0 0 0 0 0 0 0 0 00000004 0 0\n00000010 00000000 00000000\n"
        ],
        expected: [
            #"node_softnet_processed_total{cpu="4"}"#: 255,
            #"node_softnet_dropped_total{cpu="4"}"#: 1,
            #"node_softnet_times_squeezed_total{cpu="4"}"#: 2,
            #"node_softnet_processed_total{cpu="1"}"#: 16,
            #"node_softnet_dropped_total{cpu="1"}"#: 0,
            #"node_softnet_times_squeezed_total{cpu="1"}"#: 0,
        ]),
    CollectorCase(
        collector: "conntrack",
        files: [
            "proc/sys/net/netfilter/nf_conntrack_count": "12\n",
            "proc/sys/net/netfilter/nf_conntrack_max": "262144\n",
            "proc/net/stat/nf_conntrack":
                "entries clashres found invalid insert drop\n0000000c 0 0000000a 1 2 3\n0000000c 0 00000006 1 2 3\n",
        ],
        expected: [
            "node_nf_conntrack_entries": 12, "node_nf_conntrack_entries_limit": 262_144,
            "node_nf_conntrack_stat_found": 16, "node_nf_conntrack_stat_invalid": 2,
            "node_nf_conntrack_stat_insert": 4, "node_nf_conntrack_stat_drop": 6,
        ], isAll: false),
    CollectorCase(
        collector: "arp",
        files: [
            "proc/net/arp":
                "IP address HW type Flags HW address Mask Device\n192.0.2.1 0x1 0x2 02:fc:00:00:00:05 * eth0\n192.0.2.2 0x1 0x2 02:fc:00:00:00:06 * eth0\n"
        ], expected: [#"node_arp_entries{device="eth0"}"#: 2]),
    CollectorCase(
        collector: "udp_queues",
        files: [
            "proc/net/udp":
                "  sl  local_address rem_address   st tx_queue rx_queue\n   1: 00000000:0044 00000000:0000 07 00000010:00000020 00:00000000\n   2: 00000000:0045 00000000:0000 07 00000001:00000002 00:0\n"
        ],
        expected: [
            #"node_udp_queues{queue="tx",ip="v4"}"#: 17,
            #"node_udp_queues{queue="rx",ip="v4"}"#: 34,
        ]),
    CollectorCase(
        collector: "bonding",
        files: [
            "sys/class/net/bonding_masters": "bond0 int\n",
            "sys/class/net/bond0/bonding/slaves": "eth0 eth4\n",
            "sys/class/net/bond0/lower_eth0/bonding_slave/mii_status": "up\n",
            "sys/class/net/bond0/lower_eth4/bonding_slave/mii_status": "down\n",
            "sys/class/net/int/bonding/slaves": "\n",
        ],
        expected: [
            #"node_bonding_slaves{master="bond0"}"#: 2,
            #"node_bonding_active{master="bond0"}"#: 1,
            #"node_bonding_slaves{master="int"}"#: 0,
            #"node_bonding_active{master="int"}"#: 0,
        ]),
]
