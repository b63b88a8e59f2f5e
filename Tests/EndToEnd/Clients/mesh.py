"""Plays the merged port of an Istio sidecar: the agent's part, Envoy's, and an application's in
OpenMetrics. GET /play/fail makes the agent fail to read the application, /play/PLAIN sets the requests
without mutual TLS. Usage: mesh.py PORT"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

play = {"failures": 0, "plain": 0}


def series(name, reporter, source, destination, code, security, value, more=""):
    return (f'{name}{{reporter="{reporter}",source_workload="{source}",source_workload_namespace="shop",'
            f'source_app="{source}",destination_workload="{destination}",'
            f'destination_workload_namespace="shop",destination_app="{destination}",'
            f'destination_service="{destination}.shop.svc.cluster.local",request_protocol="http",'
            f'response_code="{code}",response_flags="-",connection_security_policy="{security}",'
            f'request_path="/{value}"{more}}} {value}\n')


def page():
    text = "# TYPE istio_agent_scrapes_total counter\nistio_agent_scrapes_total 5\n"
    if play["failures"]:
        text += ("# TYPE istio_agent_scrape_failures_total counter\n"
                 f'istio_agent_scrape_failures_total{{type="application"}} {play["failures"]}\n')
    text += "# TYPE istio_requests_total counter\n"
    for value in (60, 36):
        text += series("istio_requests_total", "destination", "web", "cart", 200, "mutual_tls", value)
    text += series("istio_requests_total", "destination", "web", "cart", 503, "mutual_tls", 4)
    text += series("istio_requests_total", "source", "cart", "db", 200, "unknown", 9)
    if play["plain"]:
        text += series("istio_requests_total", "destination", "web", "cart", 200, "none", play["plain"])
    text += "# TYPE istio_tcp_connections_opened_total counter\n"
    text += series("istio_tcp_connections_opened_total", "destination", "web", "cart", 0, "mutual_tls", 3)
    text += "# TYPE istio_request_duration_milliseconds histogram\n"
    name = "istio_request_duration_milliseconds"
    for path in (1, 1):
        for bound, count in (("0.5", 1), ("5", 8), ("+Inf", 10)):
            text += (f'{name}_bucket{{reporter="destination",source_workload="web",destination_workload="cart",'
                     f'destination_workload_namespace="shop",request_path="/{path}",le="{bound}"}} {count}\n')
        break
    text += (f'{name}_sum{{reporter="destination",source_workload="web",destination_workload="cart",'
             'destination_workload_namespace="shop",request_path="/1"} 42.5\n'
             f'{name}_count{{reporter="destination",source_workload="web",destination_workload="cart",'
             'destination_workload_namespace="shop",request_path="/1"} 10\n')
    updated = int(time.time() * 1000) - 60_000
    text += (f"# TYPE envoy_cluster_manager_cds_update_time gauge\nenvoy_cluster_manager_cds_update_time{{}} {updated}\n"
             "# TYPE envoy_control_plane_connected_state gauge\nenvoy_control_plane_connected_state{} 1\n"
             "# TYPE pilot_xds gauge\npilot_xds{version=\"1.24.2\"} 3\n")
    if not play["failures"]:
        text += "# TYPE orders counter\norders_total 5 # {trace_id=\"4bf9\"} 1.0\n# EOF\n"
    return text


class Mesh(BaseHTTPRequestHandler):
    def do_GET(self):
        code, body = 404, ""
        if self.path.startswith("/play/"):
            what = self.path.rsplit("/", 1)[1]
            if what == "fail":
                play["failures"] += 1
            else:
                play["plain"] = int(what)
            code = 200
        elif self.path == "/stats/prometheus":
            code, body = 200, page()
        data = body.encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Mesh).serve_forever()
