import Testing

@testable import WeirRuntime

@Suite struct MetricsPageTests {
    /// The names, types and labels of all self-metrics. People's dashboards hold on to them: this
    /// list may grow, and nothing in it may change.
    static let frozen = """
        counter weir_receiver_accepted_items_total{receiver,signal}
        counter weir_receiver_refused_items_total{receiver,signal,reason}
        counter weir_receiver_refused_requests_total{receiver,reason}
        counter weir_receiver_refused_connections_total{receiver,reason}
        counter weir_exporter_collected_items_total{exporter,signal}
        counter weir_exporter_refused_items_total{exporter,signal,reason}
        counter weir_exporter_errors_total{exporter,reason}
        counter weir_processor_incoming_items_total{processor,pipeline,signal}
        counter weir_processor_outgoing_items_total{processor,pipeline,signal}
        gauge weir_processor_held_items{processor,pipeline,signal}
        counter weir_processor_refused_items_total{processor,pipeline,signal,reason}
        counter weir_processor_dropped_items_total{processor,pipeline,signal,reason}
        counter weir_connector_incoming_items_total{connector,signal}
        counter weir_connector_outgoing_items_total{connector,signal}
        counter weir_connector_dropped_items_total{connector,signal,reason}
        counter weir_sink_accepted_items_total{sink,signal}
        counter weir_sink_refused_items_total{sink,signal,reason}
        counter weir_sink_sent_items_total{sink,signal}
        counter weir_sink_failed_items_total{sink,signal,reason}
        counter weir_sink_dropped_items_total{sink,signal,reason}
        gauge weir_sink_queue_items{sink,signal}
        gauge weir_sink_queue_requests{sink}
        gauge weir_sink_queue_bytes{sink}
        gauge weir_sink_queue_limit{sink,sizer}
        gauge weir_sink_disk_bytes{sink}
        counter weir_sink_disk_written_bytes_total{sink}
        counter weir_sink_disk_syncs_total{sink}
        counter weir_sink_disk_failed_batches_total{sink}
        counter weir_sink_disk_damaged_batches_total{sink}
        gauge weir_component_state{component,plugin}
        gauge weir_buffer_bytes{}
        gauge weir_buffer_limit_bytes{}
        gauge weir_pipeline_memory_bytes{pipeline}
        gauge weir_pipeline_memory_limit_bytes{pipeline}
        counter weir_pipeline_refused_items_total{pipeline,reason}
        counter weir_protocol_mismatch_total{reason}
        counter weir_plugin_load_errors_total{reason}
        counter weir_event_loop_stalls_total{}
        gauge weir_config_last_reload_successful{}
        gauge weir_config_last_reload_success_timestamp_seconds{}
        counter weir_config_reloads_total{result}
        info weir_build_info{version}
        gauge weir_uptime_seconds{}
        counter process_cpu_seconds_total{}
        gauge process_resident_memory_bytes{}
        gauge process_virtual_memory_bytes{}
        gauge process_start_time_seconds{}
        gauge process_open_fds{}
        gauge process_max_fds{}
        """

    @Test func namesAreFrozen() {
        let table = MetricFamily.all.map {
            "\($0.kind.rawValue) \($0.name){\($0.labels.joined(separator: ","))}"
        }
        #expect(table.joined(separator: "\n") == Self.frozen)
    }

    @Test func counterNamesEndInTotal() {
        for family in MetricFamily.all {
            #expect((family.kind == .counter) == family.name.hasSuffix("_total"), "\(family.name)")
        }
    }

    @Test func rendersBothFormats() {
        var page = MetricsPage()
        page.add(.sinkSent, ["a\"b\\c\nd", "traces"], 12)
        page.add(.uptime, [], 1.5)
        #expect(
            page.rendered(.prometheus) == """
                # HELP weir_sink_sent_items_total Items that were delivered.
                # TYPE weir_sink_sent_items_total counter
                weir_sink_sent_items_total{sink="a\\"b\\\\c\\nd",signal="traces"} 12
                # HELP weir_uptime_seconds Since the process was ready.
                # TYPE weir_uptime_seconds gauge
                weir_uptime_seconds 1.5

                """)
        let openMetrics = page.rendered(.openMetrics)
        #expect(openMetrics.contains("# TYPE weir_sink_sent_items counter\n"))
        #expect(openMetrics.contains("\nweir_sink_sent_items_total{"))
        #expect(openMetrics.hasSuffix("# EOF\n"))
    }

    @Test(arguments: [
        (nil, MetricsPage.Format.prometheus), ("*/*", .prometheus), ("text/plain", .prometheus),
        ("application/openmetrics-text;version=1.0.0,text/plain", .openMetrics),
        ("application/openmetrics-text; version=0.0.1", .openMetrics),
        // As Prometheus 3 asks, and as it asks with scrape_protocols: [PrometheusText0.0.4, ...].
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                + "text/plain;version=0.0.4;q=0.4,*/*;q=0.2", .openMetrics
        ),
        (
            "text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5",
            .prometheus
        ),
        ("application/openmetrics-text;version=2.0.0", .prometheus),
        ("application/openmetrics-text;q=0", .prometheus),
    ])
    func negotiates(_ accept: String?, _ expected: MetricsPage.Format) {
        #expect(MetricsPage.Format(accept: accept) == expected)
    }

    @Test func processFiguresAreThere() {
        let usage = ProcessUsage.now()
        #expect(usage.residentBytes > 1 << 20 && usage.openFiles > 2 && usage.maxFiles > 2)
        #expect(usage.startedUnixSeconds > 1_700_000_000)
    }
}
