"""Two weir, and everything between them that goes wrong: chaos.py [options], see --help.

Log records with ids go to the first weir, which answers when they are on disk (`ack: durable`), and from
there through a proxy to a second one, which writes them to a file. Meanwhile the first is killed with
SIGKILL every few seconds, reloaded, its clock set and its disk filled, and the proxy refuses, stalls, cuts,
answers garbage or asks for patience. At the end all is well again, and what was acknowledged is looked for.

Exit status 0: every acknowledged record has arrived, no page of /metrics lost count, and there are no more
duplicates than there were batches under way when something went wrong. The last line is a summary in JSON."""
import argparse
import atexit
import collections
import http.client
import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--weir", required=True, help="the program")
parser.add_argument("--plugins", help="the folder of its plugins")
parser.add_argument("--clock", help="a library for LD_PRELOAD, made of clock.c")
parser.add_argument("--folder", required=True, help="for queues, logs and what arrives")
parser.add_argument("--seconds", type=float, default=60)
parser.add_argument("--seed", type=int, default=int(time.time()))
options = parser.parse_args()
chance = random.Random(options.seed)
folder = os.path.abspath(options.folder)
os.makedirs(folder, exist_ok=True)

RECORDS = 10  # a request
SENDERS = 4
CONSUMERS = 4  # deliveries of the first weir that may be under way at once
DISK = 16 << 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


receive, admin, forward, keep, keep_admin = (free_port() for _ in range(5))
faults = collections.Counter()
is_over = threading.Event()


# The disk of the first weir: a small one of its own, where this process may mount one.
disk = f"{folder}/disk"
os.makedirs(disk, exist_ok=True)
is_mounted = subprocess.run(
    ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", disk], stderr=subprocess.DEVNULL).returncode == 0
running = []


@atexit.register
def clean_up():
    for weir in running:
        if weir.process.poll() is None:
            weir.process.kill()
            weir.process.wait()
    if is_mounted:
        subprocess.run(["umount", disk])


# The two weir.
class Weir:
    def __init__(self, name, text, port, environment=()):
        self.name, self.port = name, port
        self.file = f"{folder}/{name}.yaml"
        self.environment = dict(os.environ, **dict(environment))
        if options.plugins:
            self.environment["WEIR_PLUGIN_PATH"] = options.plugins
        self.write(text)
        self.start()
        running.append(self)

    def write(self, text):
        with open(self.file + ".new", "w") as file:
            file.write(text)
        os.rename(self.file + ".new", self.file)

    def start(self):
        with open(f"{folder}/{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                [options.weir, "run", "--config", self.file], stdout=log, stderr=log, env=self.environment)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return None, ""
        finally:
            connection.close()

    def wait_until_ready(self, seconds=60):
        limit = time.monotonic() + seconds
        while self.get("/health/live")[0] != 200:
            if time.monotonic() > limit or self.process.poll() is not None:
                sys.exit(f"{self.name} does not start: see {folder}/{self.name}.log")
            time.sleep(0.05)


def first_configuration(variant):
    batch = "" if variant == 0 else "batch"
    return f"""
extensions:
  file_storage: {{directory: "{disk}/queue"}}
receivers:
  otlp: {{ack: durable, protocols: {{http: {{endpoint: "127.0.0.1:{receive}"}}}}}}
processors:
  batch: {{timeout: {20 + variant}ms, send_batch_max_size: 100, send_batch_size: 50}}
sinks:
  otlphttp:
    endpoint: "http://127.0.0.1:{forward}"
    timeout: {2 + variant % 3}s
    retry_on_failure: {{initial_interval: 100ms, max_interval: 500ms}}
    sending_queue: {{storage: file_storage, num_consumers: {CONSUMERS}, max_bytes: 200KB}}
service:
  extensions: [file_storage]
  shutdown: {{drain_timeout: 20s}}
  telemetry: {{metrics: {{address: "127.0.0.1:{admin}"}}}}
  pipelines:
    logs: {{receivers: [otlp], processors: [{batch}], sinks: [otlphttp]}}
"""


clock = f"{folder}/clock"


def set_clock(seconds):
    with open(clock, "r+b" if os.path.exists(clock) else "wb") as file:
        file.write(struct.pack("l", seconds))


set_clock(0)
environment = [("LD_PRELOAD", os.path.abspath(options.clock)), ("CLOCK_OFFSET", clock)] if options.clock else []
second = Weir("second", f"""
receivers:
  otlp: {{protocols: {{http: {{endpoint: "127.0.0.1:{keep}"}}}}}}
sinks:
  file: {{path: "{folder}/arrived.jsonl"}}
service:
  telemetry: {{metrics: {{address: "127.0.0.1:{keep_admin}"}}}}
  pipelines:
    logs: {{receivers: [otlp], sinks: [file]}}
""", keep_admin)
second.wait_until_ready()


# The proxy between them.
class Proxy:
    MODES = ["refuse", "stall", "cut", "garbage", "patience"]

    def __init__(self):
        self.mode = "relay"
        # Connections under way when something went wrong: the answer to a delivery may have been lost.
        self.lost_answers = 0
        self.listener = socket.create_server(("127.0.0.1", forward), backlog=64)
        self.open = set()
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def turn(self, mode):
        with self.lock:
            self.mode = mode
            left, self.open = self.open, set()
            self.lost_answers += len(left)
        for connection in left:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection, self.mode), daemon=True).start()

    def serve(self, connection, mode):
        with connection:
            with self.lock:
                if mode != self.mode:
                    return
                self.open.add(connection)
            try:
                getattr(self, mode)(connection)
            except OSError:
                pass
            with self.lock:
                self.open.discard(connection)

    def refuse(self, connection):
        pass

    def stall(self, connection):
        connection.settimeout(30)
        while self.mode == "stall" and connection.recv(65536):
            time.sleep(0.2)

    def garbage(self, connection):
        connection.recv(65536)
        connection.sendall(bytes(chance.randrange(256) for _ in range(chance.randrange(1, 400))))

    def patience(self, connection):
        connection.settimeout(5)
        status = chance.choice(["429 Too Many Requests", "502 Bad Gateway", "503 Service Unavailable"])
        connection.recv(65536)
        hint = "Retry-After: 1\r\n" if chance.random() < 0.5 else ""
        connection.sendall(f"HTTP/1.1 {status}\r\n{hint}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())

    def relay(self, connection, loses_answers=False):
        server = socket.create_connection(("127.0.0.1", keep))

        def back():
            try:
                while data := server.recv(65536):
                    if loses_answers:
                        with self.lock:
                            self.lost_answers += 1
                        break
                    connection.sendall(data)
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

        with server:
            thread = threading.Thread(target=back, daemon=True)
            thread.start()
            while data := connection.recv(65536):
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
            thread.join()

    def cut(self, connection):
        self.relay(connection, loses_answers=True)


proxy = Proxy()

# The clients.
acknowledged, sent_twice = [], set()
answers = collections.Counter()
without_hint = []


def send(sender):
    connection = None
    number = 0
    while not is_over.is_set():
        number += 1
        ids = [f"{sender}-{number}-{index}" for index in range(RECORDS)]
        records = [{"body": {"stringValue": f"<{name}>" + "." * 200}} for name in ids]
        body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]})
        while not is_over.is_set():
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", receive, timeout=30)
                connection.request("POST", "/v1/logs", body, {"content-type": "application/json"})
                answer = connection.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException):
                # Nobody knows whether it got in.
                sent_twice.update(ids)
                answers["none"] += 1
                connection.close()
                connection = None
                time.sleep(0.05)
                continue
            answers[answer.status] += 1
            if answer.status == 200:
                acknowledged.extend(ids)
                break
            if answer.status not in (429, 503):
                sys.stderr.write(f"an answer that no client expects: {answer.status} {text[:300]}\n")
                os._exit(1)
            if not answer.headers.get("retry-after"):
                without_hint.append(text[:200].decode())
            time.sleep(0.1)
        time.sleep(0.01)


# What goes wrong.
first = Weir("first", first_configuration(0), admin, environment)
first.wait_until_ready()
ledger_errors = []
pages = 0


def sample(page, name):
    return sum(float(line.rsplit(" ", 1)[1]) for line in page.splitlines()
               if re.match(name + r"[{ ]", line))


def look():
    """accepted = sent + dropped + what waits, and the same of the processor, on one page of /metrics."""
    global pages
    status, page = first.get("/metrics")
    if status != 200 or "weir_sink_accepted_items_total" not in page:
        return
    pages += 1
    sink = [sample(page, f"weir_sink_{name}") for name in (
        "accepted_items_total", "sent_items_total", "dropped_items_total", "queue_items")]
    if sink[0] != sum(sink[1:]):
        ledger_errors.append(f"sink: accepted, sent, dropped, queued are {sink}")
    processor = [sample(page, f"weir_processor_{name}") for name in (
        "incoming_items_total", "outgoing_items_total", "dropped_items_total", "held_items")]
    if processor[0] != sum(processor[1:]):
        ledger_errors.append(f"processor: incoming, outgoing, dropped, held are {processor}")


def watch():
    while not is_over.is_set():
        look()
        time.sleep(0.25)


def kill():
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    time.sleep(chance.uniform(0, 0.5))
    first.start()
    first.wait_until_ready()


def reload():
    first.write(first_configuration(chance.randrange(1, 5)))
    first.process.send_signal(signal.SIGHUP)


def jump():
    set_clock(chance.choice([0, 3600, -3600, 86400 * 400, -86400]))


def fill():
    try:
        with open(f"{disk}/ballast", "wb") as file:
            while True:
                file.write(b"." * 65536)
                file.flush()
    except OSError:
        pass
    time.sleep(chance.uniform(1, 3))
    os.remove(f"{disk}/ballast")


def turn():
    mode = chance.choice(Proxy.MODES)
    faults[mode] += 1
    proxy.turn(mode)
    time.sleep(chance.uniform(0.3, 2.5))
    proxy.turn("relay")


threads = [threading.Thread(target=send, args=(sender,), daemon=True) for sender in range(SENDERS)]
threads.append(threading.Thread(target=watch, daemon=True))
for thread in threads:
    thread.start()
events = [(turn, 5), (kill, 3), (reload, 3)]
if options.clock:
    events.append((jump, 2))
if is_mounted:
    events.append((fill, 1))
start = time.monotonic()
# Each once, then as it comes.
plan = [event for event, _ in events]
chance.shuffle(plan)
while time.monotonic() - start < options.seconds:
    event = plan.pop() if plan else chance.choices(*zip(*events))[0]
    event()
    if event is not turn:
        faults[event.__name__] += 1
    if first.process.poll() is not None:
        sys.exit(f"the first weir has ended by itself with status {first.process.returncode}")
    time.sleep(chance.uniform(0.2, 1.5))

# All is well again, and everything gets out.
proxy.turn("relay")
is_over.set()
for thread in threads:
    thread.join(60)
limit = time.monotonic() + 120
while True:
    status, page = first.get("/metrics")
    if status == 200 and sample(page, "weir_sink_queue_items") == 0:
        break
    if time.monotonic() > limit:
        sys.exit("the queue does not empty")
    time.sleep(0.1)
look()
statuses = []
for weir in (first, second):
    weir.process.terminate()
    statuses.append(weir.process.wait(60))
arrived = collections.Counter()
with open(f"{folder}/arrived.jsonl") as file:
    for line in file:
        arrived.update(re.findall(r"<(\d+-\d+-\d+)>", line))
lost = [name for name in acknowledged if not arrived[name]]
doubled = {name: count - 1 for name, count in arrived.items() if count > 1 and name not in sent_twice}
# A kill may come between a delivery and the note that it is done; so may each connection that is cut.
# What is noted is on disk a moment later: twice what can be under way.
bound = 100 * (faults["kill"] * 2 * CONSUMERS + proxy.lost_answers)
summary = {
    "seed": options.seed, "seconds": options.seconds, "acknowledged": len(acknowledged),
    "arrived": len(arrived), "lost": len(lost), "doubled": sum(doubled.values()), "doubled_at_most": bound,
    "sent_again_by_clients": len(sent_twice), "answers": {str(key): count for key, count in answers.items()},
    "refusals_without_hint": len(without_hint), "faults": dict(faults), "lost_answers": proxy.lost_answers,
    "disk": "tmpfs" if is_mounted else "could not be mounted", "pages": pages,
    "pages_that_lost_count": len(ledger_errors), "exit_statuses": statuses,
}
for text in ledger_errors[:5] + without_hint[:5] + lost[:5]:
    print(text)
with open(f"{folder}/first.log", errors="replace") as file:
    print("".join(file.readlines()[-6:]), end="")
print(json.dumps(summary))
failed = (
    lost or ledger_errors or without_hint or sum(doubled.values()) > bound or statuses != [0, 0]
    or len(acknowledged) < 100 * options.seconds / 10)
sys.exit(1 if failed else 0)
