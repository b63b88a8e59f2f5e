"""A target with fixed values: /python by the Python client in the form that is asked for, /java as
Java's old client writes it. Usage: target.py PORT"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import (CollectorRegistry, Counter, Enum, Gauge, Histogram, Info, Summary)
from prometheus_client.exposition import choose_encoder

registry = CollectorRegistry()
requests = Counter("shop_requests", "Requests\nserved \\ counted.", ["route", "odd"], registry=registry)
requests.labels("/a", 'quote " backslash \\ line\nend').inc(3)
requests.labels("/ä/日本", "x").inc(5, exemplar={"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7", "shop": "eu"})
Gauge("shop_temperature_celsius", "Temperature.", registry=registry).set(-3.25)
Gauge("shop_huge", "Large and small.", registry=registry).set(1.7976931348623157e308)
Gauge("shop_infinite", "No bound.", registry=registry).set(float("inf"))
latency = Histogram("shop_latency_seconds", "Latency.", ["route"], buckets=(0.005, 0.1, 1, 2.5), registry=registry)
for value in (0.001, 0.05, 0.05, 0.7, 9):
    latency.labels("/a").observe(value, {"trace_id": "0af7651916cd43dd8448eb211c80319c"})
Summary("shop_size_bytes", "Sizes.", registry=registry).observe(512)
Info("shop_build", "Build.", registry=registry).info({"version": "1.2.3", "commit": "abc"})
Enum("shop_state", "State.", states=["starting", "running"], registry=registry).state("running")

JAVA = """# HELP jvm_memory_bytes_used Used bytes of a given JVM memory area.
# TYPE jvm_memory_bytes_used gauge
jvm_memory_bytes_used{area="heap",} 2.7656192E7
jvm_memory_bytes_used{area="nonheap",} 1.2E-5
# HELP jvm_gc_collection_seconds Time spent in a given JVM garbage collector in seconds.
# TYPE jvm_gc_collection_seconds summary
jvm_gc_collection_seconds_count{gc="PS Scavenge",} 4.0
jvm_gc_collection_seconds_sum{gc="PS Scavenge",} 0.031
# HELP http_server_requests_seconds Server requests.
# TYPE http_server_requests_seconds histogram
http_server_requests_seconds_bucket{uri="/x",le="0.1",} 2.0
http_server_requests_seconds_bucket{uri="/x",le="+Inf",} 3.0
http_server_requests_seconds_count{uri="/x",} 3.0
http_server_requests_seconds_sum{uri="/x",} 1.5
# TYPE rpc_seconds summary
rpc_seconds{quantile="0.5",} 0.25
rpc_seconds{quantile="0.99",} 2.0
rpc_seconds_sum 20.5
rpc_seconds_count 40
process_start_time_seconds 1.700000000123E9
untyped_thing{a="b"}\t7
"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/java"):
            body, content_type = JAVA.encode(), "text/plain; version=0.0.4; charset=utf-8"
        else:
            encoder, content_type = choose_encoder(self.headers.get("Accept"))
            body = encoder(registry)
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
