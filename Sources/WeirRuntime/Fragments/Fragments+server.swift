extension Fragments {
    static let grpcServer = #"""
        {
          "type": ["object", "null"],
          "properties": {
            "endpoint": {"type": "string", "format": "endpoint",
              "description": "host:port, or unix:/path."},
            "transport": {"type": "string", "enum": ["tcp", "unix"], "default": "tcp",
              "description": "With unix, endpoint is the path of a socket."},
            "tls": {"$ref": "weir:tls_server"},
            "max_recv_msg_size_mib": {"type": "integer", "minimum": 1, "maximum": 2047, "default": 4,
              "description": "The largest message that is taken, after decompression."},
            "max_concurrent_streams": {"type": "integer", "minimum": 1, "default": 1000,
              "description": "Calls at once on one connection."},
            "max_connections": {"type": "integer", "minimum": 0, "default": 0,
              "description": "Connections at once; 0: no limit."},
            "max_connections_per_client": {"type": "integer", "minimum": 0, "default": 0,
              "description": "The same for one address; 0: no limit."},
            "limits": {"$ref": "weir:request_limits"},
            "read_buffer_size": {"type": "integer", "x-weir-no-effect": true},
            "write_buffer_size": {"type": "integer", "x-weir-no-effect": true},
            "include_metadata": {"type": "boolean", "x-weir-no-effect": true},
            "keepalive": {
              "type": ["object", "null"],
              "description": "Pings, and how long connections live.",
              "properties": {
                "server_parameters": {
                  "type": ["object", "null"],
                  "description": "As in the Collector.",
                  "properties": {
                    "max_connection_idle": {"type": "string", "format": "duration",
                      "description": "An idle connection is closed after this; absent: never."},
                    "max_connection_age": {"type": "string", "format": "duration",
                      "description": "A connection is asked to end after this; absent: never."},
                    "max_connection_age_grace": {"type": "string", "format": "duration",
                      "default": "10s", "description": "What calls in flight get then."},
                    "time": {"type": "string", "format": "duration", "default": "2h",
                      "description": "A ping after this long without a byte."},
                    "timeout": {"type": "string", "format": "duration", "default": "20s",
                      "description": "The connection is closed when its answer takes longer."}
                  }
                },
                "enforcement_policy": {"type": ["object", "null"], "x-weir-no-effect": true}
              }
            }
          }
        }
        """#

    static let httpServer = #"""
        {
          "type": ["object", "null"],
          "properties": {
            "endpoint": {"type": "string", "format": "endpoint",
              "description": "host:port, or unix:/path."},
            "transport": {"type": "string", "enum": ["tcp", "unix"], "default": "tcp",
              "description": "With unix, endpoint is the path of a socket."},
            "tls": {"$ref": "weir:tls_server"},
            "basic_auth_users": {"type": ["object", "null"],
              "description": "Who may ask, by HTTP's basic authentication: names of users and the bcrypt hashes of their passwords, as `htpasswd -nBC 10 NAME` gives them; absent: everyone.",
              "additionalProperties": {"type": "string", "x-weir-secret": true}},
            "max_request_body_size": {"type": ["integer", "string"], "format": "bytes",
              "default": "20MiB", "description": "The largest body that is taken, on the wire."},
            "max_decompressed_body_size": {"type": ["integer", "string"], "format": "bytes",
              "default": "64MiB", "description": "The largest body after decompression."},
            "max_connections": {"type": "integer", "minimum": 0, "default": 0,
              "description": "Connections at once; 0: no limit."},
            "max_connections_per_client": {"type": "integer", "minimum": 0, "default": 0,
              "description": "The same for one address; 0: no limit."},
            "limits": {"$ref": "weir:request_limits"},
            "read_header_timeout": {"type": "string", "format": "duration", "default": "1m",
              "description": "From the first byte of a request to the end of its header."},
            "body_timeout": {"type": "string", "format": "duration", "default": "30s",
              "description": "A body must make progress within each such period."},
            "idle_timeout": {"type": "string", "format": "duration", "default": "1m",
              "description": "A connection without a request is closed after this."},
            "read_timeout": {"type": "string", "format": "duration", "x-weir-no-effect": true},
            "write_timeout": {"type": "string", "format": "duration", "x-weir-no-effect": true},
            "include_metadata": {"type": "boolean", "x-weir-no-effect": true},
            "compression_algorithms": {"type": "array", "items": {"type": "string"},
              "x-weir-no-effect": true},
            "cors": {"type": ["object", "null"], "x-weir-no-effect": true}
          }
        }
        """#

    static let requestLimits = #"""
        {
          "type": ["object", "null"],
          "description": "How many requests are taken; the others are told when to come back.",
          "properties": {
            "max_requests_in_flight": {"type": "integer", "minimum": 0, "default": 0,
              "description": "Requests that are being read or wait for their answer; 0: no limit."},
            "max_requests_in_flight_per_client": {"type": "integer", "minimum": 0, "default": 0,
              "description": "The same for one address; 0: no limit."},
            "requests_per_second": {"type": "number", "minimum": 0, "default": 0,
              "description": "A second's worth may come at once; 0: no limit."},
            "requests_per_second_per_client": {"type": "number", "minimum": 0, "default": 0,
              "description": "The same for one address; 0: no limit."}
          }
        }
        """#
}
