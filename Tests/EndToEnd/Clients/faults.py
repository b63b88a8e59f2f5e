"""Targets that do everything wrong, and a remote end that does so as well, now and then.

Usage: faults.py PORT [PROMETHEUS_PORT]

GET:
  /good        one counter
  /close       the connection ends without an answer
  /silent      no answer comes
  /garbage     bytes that are no HTTP
  /html        a page
  /redirect    to itself, for ever
  /endless     samples without an end
  /comments    lines without a sample, without an end
  /series      ten million series
  /bomb        320 megabytes, packed into two
  /slow        a byte now and then
  /count       how often each of these was asked for, and what became of writes
POST /write    goes on to the Prometheus, but for those that fail: 429, 500, 400, garbage, no answer,
               an end without one; which ones, GET /fail?next=500,500,... says"""

import collections
import http.client
import json
import random
import socketserver
import sys
import threading
import time
import urllib.parse
import zlib

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
counts = collections.Counter()
fails = collections.deque()
lock = threading.Lock()


def bomb():
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    part = (b"# " + b"x" * 997 + b"\n") * 1000
    packed = b"".join(packer.compress(part) for _ in range(320))
    return packed + packer.flush()


class Handler(socketserver.StreamRequestHandler):
    timeout = 60

    def handle(self):
        try:
            while self.one():
                pass
        except OSError:
            pass

    def one(self):
        line = self.rfile.readline().decode("latin-1")
        if not line.strip():
            return False
        method, path, _ = line.split(" ", 2)
        headers = {}
        while True:
            field = self.rfile.readline().decode("latin-1").strip()
            if not field:
                break
            name, value = field.split(":", 1)
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", "0")))
        parts = urllib.parse.urlsplit(path)
        if method == "POST":
            return self.write(headers, body)
        with lock:
            counts[parts.path] += 1
        return getattr(self, "get_" + parts.path.strip("/"))(parts.query)

    def answer(self, status, body=b"", more=""):
        self.wfile.write(
            f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body)
        return True

    def stream(self, part):
        self.wfile.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        number = 0
        while True:
            data = part(number)
            if not data:
                self.wfile.write(b"0\r\n\r\n")
                return True
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            number += 1

    def get_good(self, _):
        with lock:
            value = counts["/good"]
        text = b"# TYPE good_total counter\ngood_total %d\n" % value
        self.wfile.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(text) + text)
        return True

    def get_close(self, _):
        return False

    def get_silent(self, _):
        self.rfile.read(1)
        return False

    def get_garbage(self, _):
        self.wfile.write(random.randbytes(4000))
        return False

    def get_html(self, _):
        text = b"<!doctype html><title>no</title>"
        self.wfile.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(text) + text)
        return True

    def get_redirect(self, _):
        return self.answer(302, more="Location: /redirect\r\n")

    def get_endless(self, _):
        return self.stream(lambda part: b"".join(
            b'endless{n="%d"} 1\n' % (part * 1000 + number) for number in range(1000)))

    def get_comments(self, _):
        return self.stream(lambda part: b"# nothing to see here\n" * 3000)

    def get_series(self, _):
        return self.stream(lambda part: part < 1000 and b"".join(
            b'm{n="%d"} 1\n' % (part * 10_000 + number) for number in range(10_000)))

    def get_bomb(self, _):
        self.wfile.write(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB))
        self.wfile.write(BOMB)
        return True

    def get_slow(self, _):
        self.wfile.write(HEAD + b"Content-Length: 1000\r\n\r\n")
        for _ in range(1000):
            self.wfile.write(b"#")
            self.wfile.flush()
            time.sleep(0.05)
        return False

    def get_count(self, _):
        with lock:
            return self.answer(200, json.dumps(counts).encode())

    def get_fail(self, query):
        with lock:
            fails.extend(urllib.parse.parse_qs(query)["next"][0].split(","))
        return self.answer(200)

    def write(self, headers, body):
        with lock:
            fault = fails.popleft() if fails else "pass"
            counts["write " + fault] += 1
        if fault == "garbage":
            self.wfile.write(random.randbytes(4000))
            return False
        if fault == "silent":
            self.rfile.read(1)
            return False
        if fault == "close":
            return False
        if fault != "pass":
            return self.answer(int(fault), b"no\n")
        onward = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]))
        kept = {name: value for name, value in headers.items() if name.startswith(("content-", "x-"))}
        onward.request("POST", "/api/v1/write", body, kept)
        answer = onward.getresponse()
        text = answer.read()
        with lock:
            counts[f"answered {answer.status}"] += 1
        return self.answer(answer.status, text)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


BOMB = bomb()
Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
