import WeirJSON

/// The schema of `service`. Adding an option of the runtime is one entry here.
///
/// Options that the Collector has and Weir does not are accepted with a warning, so that a
/// Collector's file runs unchanged.
func serviceSchema(_ dialect: Dialect) -> JSONValue {
    var lists = """
        "receivers": { "type": "array", "items": { "type": "string" },
          "description": "Receivers, and connectors that end another pipeline." },
        "processors": { "type": "array", "items": { "type": "string" },
          "description": "Processors in the order in which batches pass them." },
        """
    switch dialect {
    case .weir:
        lists += """
            "exporters": { "type": "array", "items": { "type": "string" },
              "description": "Exporters, which collect a system's metrics." },
            "sinks": { "type": "array", "items": { "type": "string" },
              "description": "Sinks, and connectors that start another pipeline." }
            """
    case .collector:
        lists += """
            "exporters": { "type": "array", "items": { "type": "string" },
              "description": "Exporters, which deliver, and connectors that start a pipeline." }
            """
    }
    let text = """
        {
          "type": "object",
          "properties": {
            "extensions": { "type": "array", "items": { "type": "string" },
              "description": "Extensions to start, in this order, before any pipeline." },
            "pipelines": {
              "type": "object",
              "description": "Pipelines by signal: traces, metrics, logs, or traces/name.",
              "additionalProperties": { "type": "object", "properties": {
                \(lists),
                "memory": { \(pipelineMemorySchema) }
              } }
            },
            "shutdown": { \(shutdownSchema) },
            "health": { \(healthSchema) },
            "memory": { \(memorySchema) },
            "plugins": { \(pluginsSchema) },
            "telemetry": { \(telemetrySchema) }
          }
        }
        """
    do {
        return try JSONValue(parsing: text)
    } catch {
        // The text is a constant: a test loads both dialects.
        fatalError("the schema of 'service' is not JSON: \(error)")
    }
}

private let shutdownSchema = """
    "type": "object", "default": {},
    "description": "What happens when the runtime stops.",
    "properties": {
      "drain_timeout": { "type": "string", "format": "duration", "default": "5s",
        "description": "How long a stop waits for what is queued to be delivered." }
    }
    """

private let healthSchema = """
    "type": "object", "default": {},
    "description": "When the runtime says that it is ready.",
    "properties": {
      "grace": { "type": "string", "format": "duration", "default": "30s",
        "description": "How long a pipeline may fail to deliver while /health/ready still says ready." }
    }
    """

private let memorySchema = """
    "type": "object", "default": {},
    "description": "How much memory the process may use.",
    "properties": {
      "limit": { "type": ["integer", "string"], "format": "bytes",
        "description": "What telemetry in flight and bodies being read may hold together: beyond it requests are refused with a time to come again. 80 % of what the cgroup, or else the machine, has where it is not set." }
    }
    """

private let pipelineMemorySchema = """
    "type": "object",
    "description": "What this pipeline may hold of service.memory.limit: beyond it senders are told to come again, whatever other pipelines hold. All of it where it is not set; of two limits the lower one counts.",
    "properties": {
      "limit": { "type": ["integer", "string"], "format": "bytes", "minimum": 1,
        "description": "The telemetry that is in this pipeline, in bytes." },
      "limit_percentage": { "type": "integer", "minimum": 1, "maximum": 100,
        "description": "The same in percent of service.memory.limit." }
    }
    """

private let pluginsSchema = """
    "type": "object", "default": {},
    "description": "Where plugins are found.",
    "properties": {
      "path": { "type": "array", "items": { "type": "string", "format": "path" }, "default": [],
        "description": "Directories to search for plugins, before the built-in ones." }
    }
    """

private let telemetrySchema = """
    "type": "object", "default": {},
    "description": "What the runtime tells of itself.",
    "properties": {
      "logs": {
        "type": "object", "default": {},
        "properties": {
          "level": { "type": "string", "default": "info", "x-weir-ignore-case": true,
            "enum": ["debug", "info", "warn", "error", "dpanic", "panic", "fatal"],
            "description": "The least severe message that is written." },
          "encoding": { "type": "string", "enum": ["console", "json"], "default": "console",
            "description": "Lines for people or for machines." },
          "development": { "x-weir-no-effect": true },
          "disable_caller": { "x-weir-no-effect": true },
          "disable_stacktrace": { "x-weir-no-effect": true },
          "disable_zap_resource": { "x-weir-no-effect": true },
          "sampling": { "x-weir-no-effect": true },
          "output_paths": { "x-weir-no-effect": true },
          "error_output_paths": { "x-weir-no-effect": true },
          "initial_fields": { "x-weir-no-effect": true },
          "processors": { "x-weir-no-effect": true }
        }
      },
      "metrics": {
        "type": "object", "default": {},
        "properties": {
          "level": { "type": "string", "default": "normal", "x-weir-ignore-case": true,
            "enum": ["none", "basic", "normal", "detailed"],
            "description": "How many metrics the runtime keeps of itself." },
          "address": { "type": "string", "format": "endpoint", "default": "127.0.0.1:8888",
            "description": "Where /metrics is served. 'readers' win over it." },
          "readers": { "type": "array", "items": { \(readerSchema) },
            "description": "The Collector's newer form of 'address'." },
          "views": { "x-weir-no-effect": true }
        }
      },
      "traces": { "x-weir-no-effect": true },
      "propagators": { "x-weir-no-effect": true },
      "resource": { "type": "object",
        "description": "Attributes of the runtime's own telemetry." }
    }
    """

private let readerSchema = """
    "type": "object",
    "properties": {
      "pull": {
        "type": "object",
        "properties": {
          "exporter": {
            "type": "object",
            "properties": {
              "prometheus": {
                "type": "object",
                "properties": {
                  "host": { "type": "string", "default": "127.0.0.1" },
                  "port": { "type": "integer", "minimum": 0, "maximum": 65535, "default": 8888 },
                  "with_resource_constant_labels": { "x-weir-no-effect": true },
                  "without_scope_info": { "x-weir-no-effect": true },
                  "without_type_suffix": { "x-weir-no-effect": true },
                  "without_units": { "x-weir-no-effect": true },
                  "translation_strategy": { "x-weir-no-effect": true }
                }
              }
            }
          }
        }
      },
      "periodic": { "x-weir-no-effect": true }
    }
    """
