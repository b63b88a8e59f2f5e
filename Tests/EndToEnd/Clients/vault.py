"""Plays a Vault: recorded answers for the state that was set last with GET /play/STATE.
Usage: vault.py PORT FOLDER; FOLDER has ca.pem, the certificate of the PKI mount's authority.

States: the statuses of sys/health by number, and expired, slow, garbage, redirect."""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

state = {"now": "200", "logins": 0, "tokens": set()}
METRICS = """# HELP vault_core_unsealed vault_core_unsealed
# TYPE vault_core_unsealed gauge
vault_core_unsealed{cluster="vault-cluster-e2e"} 1
# HELP vault_core_active vault_core_active
# TYPE vault_core_active gauge
vault_core_active{cluster="vault-cluster-e2e"} 1
# HELP vault_core_in_flight_requests vault_core_in_flight_requests
# TYPE vault_core_in_flight_requests gauge
vault_core_in_flight_requests 1
# HELP vault_core_handle_request vault_core_handle_request
# TYPE vault_core_handle_request summary
vault_core_handle_request{quantile="0.5"} 0.2251
vault_core_handle_request{quantile="0.9"} 0.4072
vault_core_handle_request{quantile="0.99"} NaN
vault_core_handle_request_sum 321.7
vault_core_handle_request_count 1204
# HELP vault_expire_num_leases vault_expire_num_leases
# TYPE vault_expire_num_leases gauge
vault_expire_num_leases 42
# HELP vault_expire_num_irrevocable_leases vault_expire_num_irrevocable_leases
# TYPE vault_expire_num_irrevocable_leases gauge
vault_expire_num_irrevocable_leases 0
# HELP vault_audit_log_request_failure vault_audit_log_request_failure
# TYPE vault_audit_log_request_failure counter
vault_audit_log_request_failure 0
# HELP vault_audit_log_response_failure vault_audit_log_response_failure
# TYPE vault_audit_log_response_failure counter
vault_audit_log_response_failure 0
# HELP vault_runtime_alloc_bytes vault_runtime_alloc_bytes
# TYPE vault_runtime_alloc_bytes gauge
vault_runtime_alloc_bytes 5.2428800e+07
"""


class Vault(BaseHTTPRequestHandler):
    def answer(self, code, body, content_type="application/json", headers=()):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def health(self):
        now = state["now"]
        if now == "slow":
            time.sleep(30)
        if now == "garbage":
            return self.answer(200, "<html>Welcome</html>", "text/html")
        if now == "redirect":
            return self.answer(307, "", headers=[("Location", "https://vault.example/v1/sys/health")])
        code = int(now) if now.isdigit() else 200
        self.answer(code, {
            "initialized": code != 501, "sealed": code in (501, 503),
            "standby": code in (429, 472, 473, 474, 501, 503), "performance_standby": code == 473,
            "replication_performance_mode": "disabled",
            "replication_dr_mode": "secondary" if code == 472 else "disabled",
            "server_time_utc": int(time.time()), "version": "1.18.3", "enterprise": False,
            "cluster_name": "vault-cluster-e2e", "cluster_id": "5ab1", "clock_skew_ms": 0})

    def do_GET(self):
        path = self.path.removeprefix("/v1/")
        if path.startswith("/play/"):
            state["now"] = path.rsplit("/", 1)[1]
            if state["now"] == "expired":
                state["tokens"].clear()
            return self.answer(200, {"logins": state["logins"]})
        if path == "sys/health":
            return self.health()
        if path == "sys/seal-status":
            return self.answer(200, {"type": "shamir", "initialized": True, "t": 3, "n": 5, "progress": 1,
                                     "sealed": state["now"] == "503", "storage_type": "raft"})
        if path == "sys/leader":
            return self.answer(200, {"ha_enabled": True, "is_self": state["now"] == "200",
                                     "leader_address": "https://127.0.0.1:8200", "raft_committed_index": 311,
                                     "raft_applied_index": 311})
        if path == "pki/issuer/i-1/pem":
            with open(sys.argv[2] + "/ca.pem") as file:
                return self.answer(200, file.read(), "application/pem-certificate-chain")
        token = self.headers.get("X-Vault-Token", "")
        if token != "hvs.end-to-end" and token not in state["tokens"]:
            return self.answer(403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]})
        if path == "auth/token/lookup-self":
            return self.answer(200, {"data": {"ttl": 1800, "renewable": True, "policies": ["default"],
                                              "expire_time": "2027-01-01T00:00:00Z", "num_uses": 0}})
        if path == "sys/metrics?format=prometheus":
            return self.answer(200, METRICS, "text/plain; version=0.0.4; charset=utf-8")
        if path == "sys/mounts":
            return self.answer(200, {"data": {"pki/": {"type": "pki"}, "secret/": {"type": "kv"}}})
        if path == "pki/issuers?list=true":
            return self.answer(200, {"data": {"keys": ["i-1"], "key_info": {"i-1": {"issuer_name": "root"}}}})
        if path == "sys/leases/count?type=irrevocable":
            return self.answer(200, {"data": {"lease_count": 2, "counts": {}}})
        self.answer(404, {"errors": []})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or b"{}")
        if self.path == "/v1/auth/approle/login" and body.get("secret_id") == "s3cret":
            state["logins"] += 1
            token = f"hvs.login-{state['logins']}"
            state["tokens"].add(token)
            return self.answer(200, {"auth": {"client_token": token, "lease_duration": 3600, "renewable": True}})
        self.answer(400, {"errors": ["invalid role or secret ID"]})

    def log_message(self, *arguments):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Vault).serve_forever()
