import WeirConfig
import WeirJSON

/// A catalog in the manner of the real one, with every feature of schemas somewhere.
let testCatalog = ComponentCatalog(
    components: [
        component(
            .receiver, "otlp", out: Signal.allCases,
            """
            {"type": "object", "required": ["protocols"], "properties": {"protocols": {
              "type": "object", "properties": {
                "grpc": {"allOf": [{"$ref": "weir:server"}], "properties": {
                  "endpoint": {"type": "string", "format": "endpoint", "default": "localhost:4317"},
                  "max_recv_msg_size": {"type": "string", "format": "bytes", "default": "4MiB"}}},
                "http": {"$ref": "weir:server", "properties": {
                  "endpoint": {"type": "string", "format": "endpoint", "default": "localhost:4318"},
                  "cors": {"type": "object", "properties": {"allowed_origins": {"type": "array",
                    "items": {"type": "string"}, "minItems": 1, "maxItems": 3}}}}}}}}}
            """),
        component(
            .receiver, "prometheus", out: [.metrics],
            """
            {"type": "object", "properties": {"config": {"type": "object"}}}
            """),
        component(
            .exporter, "postgres", out: [.metrics],
            """
            {"type": "object", "required": ["endpoint", "username"], "properties": {
              "endpoint": {"type": "string", "format": "hostport", "description": "The server."},
              "username": {"type": "string", "minLength": 1},
              "password": {"type": "string", "x-weir-secret": true, "default": ""},
              "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 5432},
              "ratio": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
              "uri": {"type": "string", "format": "uri"},
              "interval": {"type": "string", "format": "duration", "minimum": "1s",
                "default": "15s"},
              "connect": {"type": "boolean", "default": true},
              "ssl": {"type": "string", "enum": ["disable", "require", "verify-full"],
                "default": "disable"},
              "dsn_file": {"type": "string", "format": "path"},
              "old": {"type": "string", "deprecated": true, "description": "use 'uri'"},
              "labels": {"type": "object", "additionalProperties": {"type": "string"}}}}
            """),
        component(.exporter, "redis", out: [.metrics], #"{"type": "object"}"#),
        component(
            .processor, "batch", in: Signal.allCases, out: Signal.allCases,
            """
            {"type": "object", "properties": {
              "timeout": {"type": "string", "format": "duration", "default": "200ms"},
              "send_batch_size": {"type": "integer", "minimum": 0, "default": 8192}}}
            """),
        component(
            .processor, "sampler", in: [.traces], out: [.traces],
            """
            {"type": "object", "properties": {"policies": {"type": "array", "items": {
              "type": "object", "required": ["name", "type"], "properties": {
                "name": {"type": "string"}}, "oneOf": [
                {"properties": {"type": {"const": "always"}}},
                {"properties": {"type": {"const": "latency"},
                  "threshold": {"type": "string", "format": "duration", "default": "1s"}}}]}},
              "size": {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "auto"}]},
              "keys": {"type": "array", "x-weir-secret": true, "items": {"type": "object",
                "properties": {"id": {"type": "string"}, "value": {"type": "integer"},
                "use": {"enum": ["sign", "seal"]}}}},
              "rule": {"$ref": "#/$defs/rule"}},
             "$defs": {"rule": {"type": "object", "properties": {"all": {"type": "array",
              "items": {"$ref": "#/$defs/rule"}}, "match": {"type": "string"}}}}}
            """),
        component(
            .connector, "spanmetrics", in: [.traces], out: [.metrics],
            """
            {"type": "object", "properties": {"histogram": {"type": "object", "default": {},
              "properties": {"unit": {"type": "string", "enum": ["ms", "s"], "default": "ms"}}}}}
            """),
        component(.connector, "forward", in: Signal.allCases, out: Signal.allCases, "{}"),
        component(.connector, "router", in: Signal.allCases, out: Signal.allCases, "{}"),
        component(.sink, "router", in: Signal.allCases, "{}"),
        component(.sink, "otlp", in: Signal.allCases, clientSchema),
        component(.sink, "otlphttp", in: Signal.allCases, clientSchema),
        component(
            .sink, "debug", in: Signal.allCases, aliases: ["logging"], #"{"type": "object"}"#),
        component(.sink, "loki", in: [.logs], clientSchema),
        component(.sink, "broken", in: Signal.allCases, #"{"$ref": "weir:nowhere"}"#),
        component(
            .extension, "health_check",
            """
            {"type": "object", "properties": {
              "endpoint": {"type": "string", "format": "endpoint", "default": "localhost:13133"},
              "mode": {"x-weir-no-effect": true},
              "path": {"x-weir-unsupported": "the path is always /"}}}
            """),
        component(.extension, "file_storage", #"{"type": "object"}"#),
    ],
    fragments: [
        "server": json(
            """
            {"type": "object", "properties": {
              "endpoint": {"type": "string", "format": "endpoint"},
              "tls": {"type": "object", "properties": {
                "cert_file": {"type": "string", "format": "path"},
                "key_file": {"type": "string", "format": "path"}}},
              "read_timeout": {"type": "string", "format": "duration"}}}
            """),
        "retry": json(
            """
            {"type": "object", "default": {}, "properties": {
              "enabled": {"type": "boolean", "default": true},
              "initial_interval": {"type": "string", "format": "duration", "default": "5s"},
              "max_elapsed_time": {"type": "string", "format": "duration", "default": "300s"}}}
            """),
    ])

private let clientSchema = """
    {"type": "object", "required": ["endpoint"], "properties": {
      "endpoint": {"type": "string", "anyOf": [{"format": "url"}, {"format": "endpoint"}]},
      "base": {"type": "string", "format": "url"},
      "headers": {"type": "object", "additionalProperties": {"type": "string"}},
      "token": {"type": "string", "x-weir-secret": true},
      "compression": {"type": "string", "enum": ["gzip", "zstd", "none"], "default": "gzip"},
      "timeout": {"type": "string", "format": "duration", "default": "5s"},
      "tls": {"type": "object", "properties": {
        "insecure": {"type": "boolean", "default": false},
        "key_pem": {"type": "string", "x-weir-secret": true}}},
      "retry_on_failure": {"$ref": "weir:retry"}}}
    """

private func component(
    _ kind: ComponentKind, _ type: String, in input: [Signal] = [], out output: [Signal] = [],
    aliases: [String] = [], _ schema: String
) -> ComponentCatalog.Component {
    ComponentCatalog.Component(
        kind: kind, type: type, signalsIn: Set(input), signalsOut: Set(output),
        schema: json(schema), summary: "The \(type) \(kind).", deprecatedAliases: aliases)
}

func json(_ text: String) -> JSONValue {
    do { return try JSONValue(parsing: text) } catch { fatalError("\(error): \(text)") }
}
