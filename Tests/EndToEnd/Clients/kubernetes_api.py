"""The part of a Kubernetes API server that service discovery talks to: lists in pages, watches,
bookmarks, versions that expire, tokens that are replaced. It holds pods of one namespace.

Usage: kubernetes_api.py API_PORT CONTROL_PORT CERTIFICATE KEY TOKEN

The API is HTTPS. On the control port, plain GETs say what is to happen:
  /add?name=N[&app=A]   /delete?name=N    pods come and go, and watches hear of it
  /silent?...           the same as /delete, but no watch hears of it
  /bookmark             watches get a bookmark
  /cut                  watches end
  /compact              versions up to now are forgotten: 410
  /token?value=T        only this token is good from now on
  /log                  every request: status, method and path
  /version              the newest version
  /metrics              what a scraped pod says"""

import json
import queue
import ssl
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = 2


class Cluster:
    def __init__(self, port, token):
        self.port = port
        self.token = token
        self.lock = threading.Lock()
        self.version = 100
        self.oldest = 0
        self.pods = {}
        self.events = []
        self.watches = []
        self.log = []

    def pod(self, name, app):
        return {
            "metadata": {"name": name, "namespace": "shop", "uid": "uid-" + name,
                         "resourceVersion": str(self.version),
                         "labels": {"app": app}, "managedFields": [{"manager": "kubelet"}]},
            "spec": {"nodeName": "node-1", "containers": [
                {"name": app, "image": app + ":1",
                 "ports": [{"name": "http", "containerPort": self.port, "protocol": "TCP"}]}]},
            "status": {"phase": "Running", "podIP": "127.0.0.1", "hostIP": "127.0.0.1",
                       "conditions": [{"type": "Ready", "status": "True"}]},
        }

    def publish(self, kind, pod):
        event = (self.version, {"type": kind, "object": pod})
        self.events.append(event)
        for watch in self.watches:
            watch.put(event[1])

    def add(self, name, app):
        with self.lock:
            self.version += 1
            kind = "MODIFIED" if name in self.pods else "ADDED"
            self.pods[name] = self.pod(name, app)
            self.publish(kind, self.pods[name])

    def delete(self, name, silent=False):
        with self.lock:
            self.version += 1
            pod = self.pods.pop(name)
            pod["metadata"]["resourceVersion"] = str(self.version)
            if not silent:
                self.publish("DELETED", pod)

    def bookmark(self):
        with self.lock:
            self.version += 1
            meta = {"resourceVersion": str(self.version), "creationTimestamp": None}
            for watch in self.watches:
                watch.put({"type": "BOOKMARK", "object": {"kind": "Pod", "metadata": meta}})

    def cut(self):
        with self.lock:
            for watch in self.watches:
                watch.put(None)
            self.watches = []

    def compact(self):
        with self.lock:
            self.version += 1
            self.oldest = self.version
            self.events = []


class API(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.note(status)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, reason):
        self.reply(status, {"kind": "Status", "code": status, "message": reason})

    def note(self, status):
        with cluster.lock:
            cluster.log.append(f"{status} {self.command} {self.path}")

    def do_GET(self):
        if self.headers.get("Authorization") != "Bearer " + cluster.token:
            return self.refuse(401, "Unauthorized")
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path != "/api/v1/namespaces/shop/pods":
            return self.refuse(403, "pods is forbidden")
        if query.get("watch") == "1":
            return self.watch(query)
        with cluster.lock:
            names = sorted(cluster.pods)
            start = int(query.get("continue", "0"))
            end = start + min(PAGE, int(query["limit"]))
            meta = {"resourceVersion": str(cluster.version)}
            if end < len(names):
                meta["continue"] = str(end)
            items = [cluster.pods[name] for name in names[start:end]]
        self.reply(200, {"kind": "PodList", "apiVersion": "v1", "metadata": meta, "items": items})

    def watch(self, query):
        events = queue.Queue()
        with cluster.lock:
            since = int(query["resourceVersion"])
            expired = since < cluster.oldest
            if not expired:
                for version, event in cluster.events:
                    if version > since:
                        events.put(event)
                cluster.watches.append(events)
        if expired:
            return self.refuse(410, "too old resource version")
        self.note(200)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while (event := events.get()) is not None:
            line = json.dumps(event).encode() + b"\n"
            # In two pieces: events do not come in one.
            for piece in (line[:17], line[17:]):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


class Control(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        body = ""
        match url.path:
            case "/add": cluster.add(query["name"], query.get("app", "web"))
            case "/delete": cluster.delete(query["name"])
            case "/silent": cluster.delete(query["name"], silent=True)
            case "/bookmark": cluster.bookmark()
            case "/cut": cluster.cut()
            case "/compact": cluster.compact()
            case "/token": cluster.token = query["value"]
            case "/log": body = "\n".join(cluster.log)
            case "/version": body = str(cluster.version)
            case "/metrics": body = "# TYPE pods_seen counter\npods_seen_total 1\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


port, control, certificate, key, token = sys.argv[1:]
cluster = Cluster(int(control), token)
server = ThreadingHTTPServer(("127.0.0.1", int(port)), API)
server.daemon_threads = True
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
ThreadingHTTPServer(("127.0.0.1", int(control)), Control).serve_forever()
