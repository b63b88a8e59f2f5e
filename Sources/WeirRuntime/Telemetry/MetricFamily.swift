/// One self-metric: its name for ever, and what it says. The table of all of them is
/// `MetricFamily.all`; exposition, documentation and the golden test come from it.
package struct MetricFamily: Sendable, Hashable {
    package enum Kind: String, Sendable { case counter, gauge, info }

    package let name: String
    package let kind: Kind
    package let help: String
    /// The labels that its samples carry, in order.
    package let labels: [String]

    init(_ name: String, _ kind: Kind, _ labels: [String], _ help: String) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
    }
}

extension MetricFamily {
    package static let receiverAccepted = MetricFamily(
        "weir_receiver_accepted_items_total", .counter, ["receiver", "signal"],
        "Items that a receiver took in and the pipelines accepted.")
    package static let receiverRefused = MetricFamily(
        "weir_receiver_refused_items_total", .counter, ["receiver", "signal", "reason"],
        "Items that a receiver had to refuse to its sender.")
    package static let receiverRefusedRequests = MetricFamily(
        "weir_receiver_refused_requests_total", .counter, ["receiver", "reason"],
        "Requests that were refused unread: too large, damaged, too slow, or of unknown encoding.")
    package static let receiverRefusedConnections = MetricFamily(
        "weir_receiver_refused_connections_total", .counter, ["receiver", "reason"],
        "Connections that were closed at once, because too many were open.")
    package static let exporterCollected = MetricFamily(
        "weir_exporter_collected_items_total", .counter, ["exporter", "signal"],
        "Data points that an exporter collected and the pipelines accepted.")
    package static let exporterRefused = MetricFamily(
        "weir_exporter_refused_items_total", .counter, ["exporter", "signal", "reason"],
        "Data points that an exporter collected and the pipelines did not accept.")
    package static let exporterErrors = MetricFamily(
        "weir_exporter_errors_total", .counter, ["exporter", "reason"],
        "Collections that failed.")
    package static let processorIncoming = MetricFamily(
        "weir_processor_incoming_items_total", .counter, ["processor", "pipeline", "signal"],
        "Items that a processor took.")
    package static let processorOutgoing = MetricFamily(
        "weir_processor_outgoing_items_total", .counter, ["processor", "pipeline", "signal"],
        "Items that a processor passed on.")
    package static let processorHeld = MetricFamily(
        "weir_processor_held_items", .gauge, ["processor", "pipeline", "signal"],
        "Items that a processor took and has neither passed on nor dropped yet.")
    package static let processorRefused = MetricFamily(
        "weir_processor_refused_items_total", .counter,
        ["processor", "pipeline", "signal", "reason"],
        "Items that a processor refused to the one before it.")
    package static let processorDropped = MetricFamily(
        "weir_processor_dropped_items_total", .counter,
        ["processor", "pipeline", "signal", "reason"],
        "Items that a processor took and did not pass on.")
    package static let connectorIncoming = MetricFamily(
        "weir_connector_incoming_items_total", .counter, ["connector", "signal"],
        "Items that a connector took.")
    package static let connectorOutgoing = MetricFamily(
        "weir_connector_outgoing_items_total", .counter, ["connector", "signal"],
        "Items that a connector passed on.")
    package static let connectorDropped = MetricFamily(
        "weir_connector_dropped_items_total", .counter, ["connector", "signal", "reason"],
        "Items that a connector took and did not use.")
    package static let sinkAccepted = MetricFamily(
        "weir_sink_accepted_items_total", .counter, ["sink", "signal"],
        "Items that a sink took into its queue.")
    package static let sinkRefused = MetricFamily(
        "weir_sink_refused_items_total", .counter, ["sink", "signal", "reason"],
        "Items that a sink refused to the one before it.")
    package static let sinkSent = MetricFamily(
        "weir_sink_sent_items_total", .counter, ["sink", "signal"], "Items that were delivered.")
    package static let sinkFailed = MetricFamily(
        "weir_sink_failed_items_total", .counter, ["sink", "signal", "reason"],
        "Items in attempts to deliver that failed, tried again or not.")
    package static let sinkDropped = MetricFamily(
        "weir_sink_dropped_items_total", .counter, ["sink", "signal", "reason"],
        "Items that a sink gave up.")
    package static let sinkQueueItems = MetricFamily(
        "weir_sink_queue_items", .gauge, ["sink", "signal"],
        "Items that wait in a sink's queue or are under way.")
    package static let sinkQueueRequests = MetricFamily(
        "weir_sink_queue_requests", .gauge, ["sink"],
        "Batches that wait in a sink's queue or are under way.")
    package static let sinkQueueBytes = MetricFamily(
        "weir_sink_queue_bytes", .gauge, ["sink"],
        "Bytes that wait in a sink's queue or are under way.")
    package static let sinkQueueLimit = MetricFamily(
        "weir_sink_queue_limit", .gauge, ["sink", "sizer"],
        "What a sink's queue holds at most, in what its sizer counts.")
    package static let sinkDiskBytes = MetricFamily(
        "weir_sink_disk_bytes", .gauge, ["sink"],
        "What the queue of a sink takes on the disk.")
    package static let sinkDiskWritten = MetricFamily(
        "weir_sink_disk_written_bytes_total", .counter, ["sink"],
        "Bytes of batches that were stored on disk.")
    package static let sinkDiskSyncs = MetricFamily(
        "weir_sink_disk_syncs_total", .counter, ["sink"],
        "How often the disk was waited for.")
    package static let sinkDiskFailures = MetricFamily(
        "weir_sink_disk_failed_batches_total", .counter, ["sink"],
        "Batches that could not be stored on disk.")
    package static let sinkDiskDamaged = MetricFamily(
        "weir_sink_disk_damaged_batches_total", .counter, ["sink"],
        "Batches on disk that were not what was stored, or were gone.")
    package static let componentState = MetricFamily(
        "weir_component_state", .gauge, ["component", "plugin"],
        "1 starting, 2 ok, 3 recoverable error, 4 permanent error, 5 stopping.")
    package static let bufferBytes = MetricFamily(
        "weir_buffer_bytes", .gauge, [], "Memory that telemetry in flight holds.")
    package static let bufferLimit = MetricFamily(
        "weir_buffer_limit_bytes", .gauge, [], "Memory that telemetry in flight may hold.")
    package static let pipelineMemory = MetricFamily(
        "weir_pipeline_memory_bytes", .gauge, ["pipeline"],
        "Memory that a pipeline with a limit of its own holds.")
    package static let pipelineMemoryLimit = MetricFamily(
        "weir_pipeline_memory_limit_bytes", .gauge, ["pipeline"],
        "Memory that a pipeline with a limit of its own may hold.")
    package static let pipelineRefused = MetricFamily(
        "weir_pipeline_refused_items_total", .counter, ["pipeline", "reason"],
        "Items that a pipeline had no memory for.")
    package static let protocolMismatch = MetricFamily(
        "weir_protocol_mismatch_total", .counter, ["reason"],
        "Connections that spoke another protocol than the port.")
    package static let pluginLoadErrors = MetricFamily(
        "weir_plugin_load_errors_total", .counter, ["reason"], "Plugins that were refused.")
    package static let eventLoopStalls = MetricFamily(
        "weir_event_loop_stalls_total", .counter, [],
        "Times that an event loop did nothing else for more than a second; the log names the cause."
    )
    package static let reloadSuccessful = MetricFamily(
        "weir_config_last_reload_successful", .gauge, [],
        "1 if the last reload of the configuration succeeded, or there was none; else 0.")
    package static let reloadTime = MetricFamily(
        "weir_config_last_reload_success_timestamp_seconds", .gauge, [],
        "When the configuration that is in force was read, since 1970.")
    package static let reloads = MetricFamily(
        "weir_config_reloads_total", .counter, ["result"],
        "Reloads of the configuration: applied, unchanged or refused.")
    package static let buildInfo = MetricFamily(
        "weir_build_info", .info, ["version"], "The version that runs.")
    package static let uptime = MetricFamily(
        "weir_uptime_seconds", .gauge, [], "Since the process was ready.")
    package static let cpuSeconds = MetricFamily(
        "process_cpu_seconds_total", .counter, [], "User and system time of the process.")
    package static let residentMemory = MetricFamily(
        "process_resident_memory_bytes", .gauge, [], "Resident memory of the process.")
    package static let virtualMemory = MetricFamily(
        "process_virtual_memory_bytes", .gauge, [], "Virtual memory of the process.")
    package static let startTime = MetricFamily(
        "process_start_time_seconds", .gauge, [], "When the process started, since 1970.")
    package static let openFiles = MetricFamily(
        "process_open_fds", .gauge, [], "Open file descriptors.")
    package static let maxFiles = MetricFamily(
        "process_max_fds", .gauge, [], "File descriptors that may be open.")

    package static let all: [MetricFamily] = [
        receiverAccepted, receiverRefused, receiverRefusedRequests,
        receiverRefusedConnections, exporterCollected, exporterRefused, exporterErrors,
        processorIncoming, processorOutgoing, processorHeld, processorRefused, processorDropped,
        connectorIncoming, connectorOutgoing, connectorDropped, sinkAccepted, sinkRefused,
        sinkSent, sinkFailed, sinkDropped, sinkQueueItems, sinkQueueRequests, sinkQueueBytes,
        sinkQueueLimit, sinkDiskBytes, sinkDiskWritten, sinkDiskSyncs, sinkDiskFailures,
        sinkDiskDamaged, componentState, bufferBytes, bufferLimit, pipelineMemory,
        pipelineMemoryLimit, pipelineRefused, protocolMismatch,
        pluginLoadErrors, eventLoopStalls, reloadSuccessful, reloadTime, reloads, buildInfo, uptime,
        cpuSeconds, residentMemory, virtualMemory, startTime,
        openFiles, maxFiles,
    ]
}
