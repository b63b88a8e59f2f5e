"""Whoever service discovery asks: an http_sd endpoint, the API of Docker, a name server. All name this
program itself as their target.

Usage: discovery.py HTTP_PORT DNS_PORT DOCKER_SOCKET

GET /metrics     what a target says
GET /sd          for http_sd_configs
GET /tell?...    what is to happen from now on: http=, docker=, dns= each `found`, `empty` or `broken`"""

import json
import os
import socket
import socketserver
import struct
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, DNS_PORT, SOCKET = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
mood = {"http": "found", "docker": "found", "dns": "found"}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path)
        if parts.path == "/tell":
            mood.update(urllib.parse.parse_qsl(parts.query))
            self.say(200, "")
        elif parts.path == "/metrics":
            self.say(200, "# TYPE ways gauge\nways 1\n", "text/plain; version=0.0.4")
        elif parts.path == "/sd":
            self.list("http", [{"targets": [f"127.0.0.1:{PORT}"], "labels": {"by": "http"}}])
        elif parts.path == "/containers/json":
            self.list("docker", [{
                "Id": "c1", "Names": ["/shop"], "Image": "shop:1", "Labels": {"by": "docker"},
                "HostConfig": {"NetworkMode": "net"},
                "Ports": [{"PrivatePort": PORT, "Type": "tcp"}],
                "NetworkSettings": {"Networks": {"net": {"NetworkID": "n1", "IPAddress": "127.0.0.1"}}}}])
        elif parts.path == "/networks":
            self.say(200, json.dumps([{
                "Id": "n1", "Name": "net", "Scope": "local", "Internal": False, "Ingress": False,
                "Labels": {}}]))
        else:
            self.say(404, "")

    def list(self, way, groups):
        if mood[way] == "broken":
            return self.say(500, "broken")
        self.say(200, json.dumps(groups if mood[way] == "found" else []))

    def say(self, status, text, content_type="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def address_string(self):
        return "somebody"

    def log_message(self, *_):
        pass


class DockerServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def get_request(self):
        request, _ = super().get_request()
        return request, ("docker", 0)


def names():
    """Answers A for db.test and SRV for _ways._tcp.test, and says of others that they are not there."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", DNS_PORT))
    while True:
        query, peer = server.recvfrom(2000)
        if mood["dns"] == "broken":
            continue
        labels, place = [], 12
        while query[place]:
            labels.append(query[place + 1:place + 1 + query[place]])
            place += 1 + query[place]
        question = query[12:place + 5]
        (kind,) = struct.unpack("!H", query[place + 1:place + 3])
        name = b".".join(labels).decode().lower()
        data = None
        if mood["dns"] == "found" and (name, kind) == ("db.test", 1):
            data = bytes([127, 0, 0, 1])
        if mood["dns"] == "found" and (name, kind) == ("_ways._tcp.test", 33):
            data = struct.pack("!HHH", 1, 1, PORT) + b"\x09localhost\x00"
        # What is not there: NXDOMAIN.
        flags = 0x8180 if data else 0x8183
        answer = query[:2] + struct.pack("!HHHHH", flags, 1, 1 if data else 0, 0, 0) + question
        if data:
            answer += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 5, len(data)) + data
        server.sendto(answer, peer)


if os.path.exists(SOCKET):
    os.unlink(SOCKET)
threading.Thread(target=names, daemon=True).start()
threading.Thread(target=DockerServer(SOCKET, Handler).serve_forever, daemon=True).start()
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
