import WeirConfig

/// Components as strict as the real ones, for what the dialect makes of a prometheus.yml.
let prometheusCatalog = ComponentCatalog(
    components: [
        ComponentCatalog.Component(
            kind: .receiver, type: "prometheus", signalsOut: [.metrics],
            schema: json(
                """
                {"type": "object", "required": ["config"], "properties": {"config": {
                  "type": "object", "properties": {
                    "global": {"type": "object", "default": {}, "properties": {
                      "scrape_interval": {"$ref": "#/$defs/interval", "default": "1m"},
                      "scrape_timeout": {"$ref": "#/$defs/interval", "default": "10s"},
                      "body_size_limit": {"type": "string", "format": "prometheus-bytes"},
                      "sample_limit": {"type": "integer"}}},
                    "scrape_configs": {"type": "array", "items": {"$ref": "#/$defs/job"}}}}},
                 "$defs": {
                  "interval": {"type": "string", "format": "prometheus-duration"},
                  "text": {"type": "string", "format": "text"},
                  "texts": {"type": "array", "items": {"type": "string", "format": "text"}},
                  "labels": {"type": "object",
                    "additionalProperties": {"type": "string", "format": "text"}},
                  "rules": {"type": "array", "items": {"type": "object", "properties": {
                    "source_labels": {"$ref": "#/$defs/texts"},
                    "separator": {"$ref": "#/$defs/text", "default": ";"},
                    "regex": {"$ref": "#/$defs/text", "default": "(.*)"},
                    "modulus": {"type": "integer"},
                    "target_label": {"type": "string"},
                    "replacement": {"$ref": "#/$defs/text", "default": "$1"},
                    "action": {"type": "string", "default": "replace", "enum": [
                      "replace", "keep", "drop", "labelmap", "labeldrop", "labelkeep", "hashmod",
                      "lowercase", "uppercase", "keepequal", "dropequal"]}}}},
                  "job": {"type": "object", "required": ["job_name"], "properties": {
                    "job_name": {"$ref": "#/$defs/text"},
                    "scrape_interval": {"$ref": "#/$defs/interval"},
                    "scrape_timeout": {"$ref": "#/$defs/interval"},
                    "metrics_path": {"type": "string", "default": "/metrics"},
                    "scheme": {"type": "string", "enum": ["http", "https"], "default": "http"},
                    "honor_labels": {"type": "boolean", "default": false},
                    "sample_limit": {"type": "integer"},
                    "body_size_limit": {"type": "string", "format": "prometheus-bytes"},
                    "params": {"type": "object",
                      "additionalProperties": {"$ref": "#/$defs/texts"}},
                    "basic_auth": {"type": "object", "properties": {
                      "username": {"$ref": "#/$defs/text"},
                      "password": {"type": "string", "format": "text", "x-weir-secret": true},
                      "password_file": {"type": "string"}}},
                    "bearer_token": {"type": "string", "x-weir-secret": true},
                    "bearer_token_file": {"type": "string"},
                    "http_headers": {"type": "object"},
                    "tls_config": {"type": "object", "properties": {
                      "ca_file": {"type": "string"}, "server_name": {"type": "string"},
                      "insecure_skip_verify": {"type": "boolean", "default": false}}},
                    "static_configs": {"type": "array", "items": {"type": "object", "properties": {
                      "targets": {"$ref": "#/$defs/texts"},
                      "labels": {"$ref": "#/$defs/labels"}}}},
                    "file_sd_configs": {"type": "array", "items": {"type": "object",
                      "properties": {"files": {"$ref": "#/$defs/texts"},
                        "refresh_interval": {"$ref": "#/$defs/interval", "default": "5m"}}}},
                    "kubernetes_sd_configs": {"type": "array", "items": {"type": "object",
                      "required": ["role"], "properties": {
                      "role": {"type": "string", "enum": ["pod", "service", "endpoints",
                        "endpointslice", "node", "ingress"]},
                      "namespaces": {"type": "object", "properties": {
                        "own_namespace": {"type": "boolean"},
                        "names": {"$ref": "#/$defs/texts"}}},
                      "attach_metadata": {"type": "object", "properties": {
                        "node": {"type": "boolean"}, "namespace": {"type": "boolean"}}}}}},
                    "relabel_configs": {"$ref": "#/$defs/rules"},
                    "metric_relabel_configs": {"$ref": "#/$defs/rules"}}}}}
                """)),
        ComponentCatalog.Component(
            kind: .sink, type: "prometheus", signalsIn: [.metrics],
            schema: json(
                """
                {"type": "object", "required": ["endpoint"], "properties": {
                  "endpoint": {"type": "string", "format": "endpoint"}}}
                """)),
        ComponentCatalog.Component(
            kind: .sink, type: "prometheusremotewrite", signalsIn: [.metrics],
            schema: json(
                """
                {"type": "object", "required": ["endpoint"], "properties": {
                  "endpoint": {"type": "string", "format": "url"},
                  "external_labels": {"type": "object",
                    "additionalProperties": {"type": "string", "format": "text"}},
                  "timeout": {"type": "string", "format": "duration", "default": "5s"},
                  "headers": {"type": "object", "additionalProperties": {"type": "string",
                    "x-weir-secret": true}},
                  "auth": {"type": "object", "properties": {
                    "basic": {"type": "object", "properties": {
                      "username": {"type": "string"}, "username_file": {"type": "string"},
                      "password": {"type": "string", "x-weir-secret": true},
                      "password_file": {"type": "string"}}},
                    "authorization": {"type": "object", "properties": {
                      "type": {"type": "string", "default": "Bearer"},
                      "credentials": {"type": "string", "x-weir-secret": true},
                      "credentials_file": {"type": "string"}}}}},
                  "tls": {"type": "object", "properties": {
                    "ca_file": {"type": "string"}, "cert_file": {"type": "string"},
                    "key_file": {"type": "string"}, "server_name_override": {"type": "string"},
                    "insecure_skip_verify": {"type": "boolean", "default": false},
                    "min_version": {"type": "string", "enum": ["1.0", "1.1", "1.2", "1.3"],
                      "default": "1.2"}}},
                  "proxy_url": {"type": "string"},
                  "follow_redirects": {"type": "boolean", "default": false},
                  "protobuf_message": {"type": "string", "default": "prometheus.WriteRequest",
                    "enum": ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"]},
                  "send_exemplars": {"type": "boolean", "default": true},
                  "send_native_histograms": {"type": "boolean", "default": true},
                  "write_relabel_configs": {"type": "array"},
                  "metadata_config": {"type": "object", "properties": {
                    "send": {"type": "boolean"},
                    "send_interval": {"type": "string", "format": "prometheus-duration"}}},
                  "retry_on_failure": {"type": "object", "default": {}, "properties": {
                    "max_elapsed_time": {"type": "string", "format": "duration",
                      "default": "5m"}}},
                  "queue_config": {"type": "object", "properties": {
                    "capacity": {"type": "integer", "default": 10000},
                    "max_shards": {"type": "integer", "default": 50},
                    "min_backoff": {"type": "string", "format": "prometheus-duration"},
                    "max_backoff": {"type": "string", "format": "prometheus-duration"},
                    "batch_send_deadline": {"type": "string", "format": "prometheus-duration",
                      "default": "5s"}}}}}
                """)),
        ComponentCatalog.Component(
            kind: .sink, type: "debug", signalsIn: Set(Signal.allCases),
            schema: json(#"{"type": "object"}"#)),
    ])

/// The files that a prometheus.yml of the tests includes.
let includedFiles = [
    "/etc/prometheus/jobs/a.yml": """
    scrape_configs:
      - job_name: included
        file_sd_configs:
          - files: [targets.json]
    """,
    "/etc/prometheus/jobs/b.yml": """
    scrape_configs:
      - job_name: second
        static_configs:
          - targets: [b:1]
    """,
    "/etc/prometheus/wrong/a.yml": """
    global: {}
    scrape_configs:
      - job_name: fine
      - job_nam: wrong
      - job_name: node
    """,
    "/etc/prometheus/wrong/b.yml": "scrape_configs: [{job_name: fine}, ",
]

func matching(_ pattern: String) -> [String] {
    if pattern.hasSuffix("/none.yml") { return [] }
    guard pattern.hasSuffix("*.yml") else { return [pattern] }
    return includedFiles.keys.filter { $0.hasPrefix(pattern.dropLast(5)) }.sorted()
}

func readIncluded(_ path: String) throws -> [UInt8] {
    guard let text = includedFiles[path] ?? testFiles[path] else { throw NoSuchFile() }
    return Array(text.utf8)
}

/// Files whose names end in `prometheus.yml` are read as such.
func loadPrometheus(_ sources: [(String, String)]) -> ConfigurationOutcome {
    loadConfiguration(
        sources.map { name, text in
            ConfigurationSource(
                name: name, contents: Array(text.utf8),
                language: name.hasSuffix("prometheus.yml") ? .prometheus : .weir)
        },
        catalog: prometheusCatalog, environment: { testEnvironment[$0] }, readFile: readIncluded,
        matchingFiles: matching)
}

func convert(_ name: String, _ text: String) -> PrometheusConversion {
    convertPrometheus(
        ConfigurationSource(name: name, contents: Array(text.utf8), language: .prometheus),
        environment: { testEnvironment[$0] }, readFile: readIncluded, matchingFiles: matching)
}
