extension Fragments {
    static let grpcClient = #"""
        {
          "type": "object",
          "properties": {
            "endpoint": {"type": "string", "minLength": 1,
              "anyOf": [{"format": "endpoint"}, {"format": "url"}, {"format": "uri"}],
              "description": "host:port, http://host:port (plaintext), https://host:port or unix:/path."},
            "tls": {"$ref": "weir:tls_client"},
            "compression": {"type": "string", "enum": ["gzip", "zstd", "none", ""], "default": "gzip",
              "description": "How messages are compressed."},
            "headers": {"type": "object", "additionalProperties": {"type": "string",
              "x-weir-secret": true}, "description": "Sent with every request."},
            "keepalive": {
              "type": ["object", "null"],
              "description": "Pings that find dead connections.",
              "properties": {
                "time": {"type": "string", "format": "duration",
                  "description": "A ping after this long without a byte."},
                "timeout": {"type": "string", "format": "duration", "default": "20s",
                  "description": "The connection is closed when its answer takes longer."},
                "permit_without_stream": {"type": "boolean", "default": false,
                  "description": "Ping also while no call is under way."}
              }
            },
            "authority": {"type": "string", "description": "Sent as :authority instead of the endpoint."},
            "balancer_name": {"type": "string", "x-weir-no-effect": true},
            "read_buffer_size": {"type": "integer", "x-weir-no-effect": true},
            "write_buffer_size": {"type": "integer", "x-weir-no-effect": true},
            "wait_for_ready": {"type": "boolean", "x-weir-no-effect": true}
          }
        }
        """#

    static let httpClient = #"""
        {
          "type": "object",
          "properties": {
            "endpoint": {"type": "string", "minLength": 1, "format": "url",
              "description": "http://host:port/prefix or https://…"},
            "tls": {"$ref": "weir:tls_client"},
            "compression": {"type": "string", "enum": ["gzip", "zstd", "snappy", "none", ""], "default": "gzip",
              "description": "How bodies are compressed; snappy in its block format."},
            "headers": {"type": "object", "additionalProperties": {"type": "string",
              "x-weir-secret": true}, "description": "Sent with every request."},
            "auth": {"type": ["object", "null"],
              "description": "Who we are to the server; not told to others that it redirects to.",
              "properties": {
                "basic": {"type": ["object", "null"], "description": "A name and a password.",
                  "properties": {
                    "username": {"type": "string", "description": "The name."},
                    "username_file": {"type": "string", "format": "path",
                      "description": "A file with the name, read again when it changes."},
                    "password": {"type": "string", "x-weir-secret": true,
                      "description": "The password."},
                    "password_file": {"type": "string", "format": "path",
                      "description": "A file with the password, read again when it changes."}
                  }
                },
                "authorization": {"type": ["object", "null"], "description": "A token.",
                  "properties": {
                    "type": {"type": "string", "default": "Bearer",
                      "description": "What stands before it in the header."},
                    "credentials": {"type": "string", "x-weir-secret": true,
                      "description": "The token."},
                    "credentials_file": {"type": "string", "format": "path",
                      "description": "A file with the token, read again when it changes."}
                  }
                }
              }
            },
            "follow_redirects": {"type": "boolean", "default": false,
              "description": "Go where the server redirects to, ten times at most."},
            "proxy_url": {"type": "string", "x-weir-secret": true,
              "description": "A proxy on the way: http://[user:password@]host:port."},
            "max_idle_conns": {"type": "integer", "minimum": 1, "default": 100,
              "description": "Connections kept open without a request."},
            "max_idle_conns_per_host": {"type": "integer", "x-weir-no-effect": true},
            "max_conns_per_host": {"type": "integer", "x-weir-no-effect": true},
            "idle_conn_timeout": {"type": "string", "format": "duration", "default": "90s",
              "description": "An idle connection is closed after this."},
            "read_buffer_size": {"type": "integer", "x-weir-no-effect": true},
            "write_buffer_size": {"type": "integer", "x-weir-no-effect": true}
          }
        }
        """#

    static let streamClient = #"""
        {
          "type": "object",
          "properties": {
            "endpoint": {"type": "string", "format": "endpoint", "minLength": 1,
              "description": "host:port, or unix:/path."},
            "tls": {"$ref": "weir:tls_client"},
            "timeout": {"type": "string", "format": "duration", "default": "10s",
              "description": "How long connecting may take, with the handshake of TLS."}
          }
        }
        """#

    static let sendingQueue = #"""
        {
          "type": ["object", "null"],
          "default": {},
          "description": "Batches that wait to be sent.",
          "properties": {
            "enabled": {"type": "boolean", "default": true,
              "description": "Off: nothing waits, a batch is refused while another is under way."},
            "num_consumers": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 10,
              "description": "Deliveries at once."},
            "queue_size": {"type": "integer", "minimum": 1,
              "description": "How much waits at most, in what `sizer` counts; absent: 1000, or no bound with `storage`."},
            "sizer": {"type": "string", "enum": ["requests", "items", "bytes"], "default": "requests",
              "description": "What queue_size counts."},
            "max_bytes": {"type": ["integer", "string"], "format": "bytes", "default": "64MiB",
              "description": "The bound in bytes that holds beside queue_size; with `storage`, what of the queue is also kept in memory."},
            "storage": {"type": ["string", "null"],
              "description": "An extension file_storage: the queue is kept on disk, and what is left there is delivered by the next process."},
            "max_disk_bytes": {"type": ["integer", "string"], "format": "bytes", "default": "10GiB",
              "description": "With `storage`: the bound on what waits, on disk."},
            "max_age": {"type": "string", "format": "duration", "default": "0s",
              "description": "With `storage`: what waits for longer is dropped; 0: never."},
            "overflow": {"type": "string",
              "enum": ["reject", "block", "drop_oldest", "drop_newest", "spill"], "default": "reject",
              "description": "What becomes of a batch for which there is no room: its sender is told when to come back; waits for room and is told then; takes the place of what has waited longest, which is dropped; it is dropped itself; or it goes to the disk, with `storage`, where without this everything goes."},
            "block_timeout": {"type": "string", "format": "duration", "default": "5s",
              "description": "How long a sender waits for room with `overflow: block`."},
            "block_on_overflow": {"type": "boolean", "default": false,
              "description": "The same as `overflow: block`."},
            "wait_for_result": {"type": "boolean", "x-weir-no-effect": true}
          }
        }
        """#

    static let deadLetter = #"""
        {
          "type": ["object", "null"],
          "required": ["path"],
          "description": "Where items go that are refused for good, one line of JSON each time; absent: they are dropped.",
          "properties": {
            "path": {"type": "string", "minLength": 1,
              "description": "The file; its folder must be there."},
            "max_megabytes": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 100,
              "description": "A file of this size is put aside as PATH.1, in place of the one before."}
          }
        }
        """#

    static let retryOnFailure = #"""
        {
          "type": ["object", "null"],
          "default": {},
          "description": "What becomes of a delivery that failed and may be tried again.",
          "properties": {
            "enabled": {"type": "boolean", "default": true, "description": "Off: it is dropped."},
            "initial_interval": {"type": "string", "format": "duration", "default": "5s",
              "description": "The wait before the second attempt."},
            "multiplier": {"type": "number", "minimum": 1, "default": 1.5,
              "description": "By how much each wait is longer than the one before."},
            "randomization_factor": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5,
              "description": "How far each wait is spread, so that clients do not come in step."},
            "max_interval": {"type": "string", "format": "duration", "default": "30s",
              "description": "The longest wait."},
            "max_elapsed_time": {"type": "string", "format": "duration", "default": "5m",
              "description": "Given up after this long; 0: never."}
          }
        }
        """#
}
