"""What the applications and the cluster serve that the rules of share/rules/sets watch: /python by the
Python client, /java as Micrometer writes it, /kubelet, /cadvisor and /state as those of Kubernetes do.
Usage: applications.py PORT"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

registry = CollectorRegistry()
requests = Counter("http_requests", "Requests.", ["method", "endpoint", "status"], registry=registry)
requests.labels("GET", "/", "200").inc(99)
requests.labels("GET", "/", "503").inc()
duration = Histogram("http_request_duration_seconds", "Durations.", ["endpoint"], registry=registry)
duration.labels("/").observe(0.2)
Counter("http_request_exceptions", "Exceptions.", registry=registry)
signatures = Counter("qsign_signature_requests", "Signatures.", ["algorithm", "status"], registry=registry)
signatures.labels("RSA-2048", "success").inc(7)
signatures.labels("RSA-2048", "failed").inc()

PAGES = {
    "/java": """# HELP hikaricp_connections_active Active connections
# TYPE hikaricp_connections_active gauge
hikaricp_connections_active{pool="HikariPool-1",} 3.0
# HELP hikaricp_connections_max Max connections
# TYPE hikaricp_connections_max gauge
hikaricp_connections_max{pool="HikariPool-1",} 10.0
""",
    "/kubelet": """# TYPE kubelet_volume_stats_used_bytes gauge
kubelet_volume_stats_used_bytes{namespace="qsign",persistentvolumeclaim="data"} 8.6e+09
# TYPE kubelet_volume_stats_capacity_bytes gauge
kubelet_volume_stats_capacity_bytes{namespace="qsign",persistentvolumeclaim="data"} 1e+10
""",
    "/cadvisor": """# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{container="api",cpu="total",namespace="qsign",pod="api-1"} 12.5 1700000000000
# TYPE container_memory_working_set_bytes gauge
container_memory_working_set_bytes{container="api",namespace="qsign",pod="api-1"} 5.2e+07
# TYPE container_spec_cpu_period gauge
container_spec_cpu_period{container="api",namespace="qsign",pod="api-1"} 100000
# TYPE container_spec_cpu_quota gauge
container_spec_cpu_quota{container="api",namespace="qsign",pod="api-1"} 50000
# TYPE container_spec_memory_limit_bytes gauge
container_spec_memory_limit_bytes{container="api",namespace="qsign",pod="api-1"} 1.34217728e+08
""",
    "/state": """# TYPE kube_pod_container_status_restarts_total counter
kube_pod_container_status_restarts_total{namespace="prod",pod="board-1",container="app"} 6
# TYPE kube_pod_status_phase gauge
kube_pod_status_phase{namespace="prod",pod="board-1",phase="Pending"} 1
kube_pod_status_phase{namespace="prod",pod="board-1",phase="Running"} 0
""",
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = generate_latest(registry) if self.path == "/python" else PAGES[self.path].encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
