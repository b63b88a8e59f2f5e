"""Ten times what a sink can take: overload.py [options], see --help.

A server takes so many requests a second and no more. Weir stands before it with a memory budget; clients
send ten times as much, and are answered or told when to come back. Shortly before they end, an OpenTelemetry
SDK with its defaults begins to export as well.

Exit status 0: resident memory stayed below the budget and what may be beside it, every refusal said when to come back, what
was acknowledged has arrived, and so has everything of the SDK. The last line is a summary in JSON."""
import argparse
import asyncio
import atexit
import collections
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--weir", required=True, help="the program")
parser.add_argument("--plugins", help="the folder of its plugins")
parser.add_argument("--folder", required=True, help="for the configuration and logs")
parser.add_argument("--seconds", type=float, default=300)
parser.add_argument("--capacity", type=float, default=20, help="requests a second that the server takes")
parser.add_argument("--budget", type=int, default=128, help="MiB")
parser.add_argument("--beside", type=int, default=32, help="what the process may use beside the budget, MiB")
options = parser.parse_args()
os.makedirs(options.folder, exist_ok=True)
SPANS = 500  # a request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


receive, receive_grpc, admin, forward = (free_port() for _ in range(4))
arrived = collections.Counter()
of_the_sdk = collections.Counter()


# The server: one request after the other, each as long as its capacity says.
class Server:
    def __init__(self):
        self.pace = 1 / options.capacity
        self.lock = asyncio.Lock()

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = int(re.search(r"content-length: (\d+)", head).group(1))
                body = await reader.readexactly(length)
                async with self.lock:
                    await asyncio.sleep(self.pace)
                arrived.update(re.findall(rb"<load-(\d+)>", body))
                of_the_sdk.update(re.findall(rb"<sdk-(\d+)>", body))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()


with open(f"{options.folder}/weir.yaml", "w") as file:
    file.write(f"""
receivers:
  otlp:
    protocols:
      http: {{endpoint: "127.0.0.1:{receive}"}}
      grpc: {{endpoint: "127.0.0.1:{receive_grpc}"}}
sinks:
  # Only the process's budget bounds it.
  otlphttp:
    endpoint: "http://127.0.0.1:{forward}"
    timeout: 60s
    compression: none
    sending_queue: {{queue_size: 1000000, max_bytes: 4GiB, num_consumers: 4}}
service:
  memory: {{limit: {options.budget}MiB}}
  shutdown: {{drain_timeout: 5s}}
  telemetry: {{metrics: {{address: "127.0.0.1:{admin}"}}}}
  pipelines:
    traces: {{receivers: [otlp], sinks: [otlphttp]}}
""")
environment = dict(os.environ)
if options.plugins:
    environment["WEIR_PLUGIN_PATH"] = options.plugins
log = open(f"{options.folder}/weir.log", "wb")
weir = subprocess.Popen(
    [options.weir, "run", "--config", f"{options.folder}/weir.yaml"], stdout=log, stderr=log, env=environment)
atexit.register(weir.kill)


def get(path):
    connection = http.client.HTTPConnection("127.0.0.1", admin, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return None, ""
    finally:
        connection.close()


def resident(key):
    with open(f"/proc/{weir.pid}/status") as file:
        return int(re.search(key + r":\s+(\d+) kB", file.read()).group(1)) / 1024


# The clients: each request has its number in it, and is not sent again.
def template():
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for number in range(SPANS):
        span = spans.add(trace_id=os.urandom(16), span_id=os.urandom(8), start_time_unix_nano=1, end_time_unix_nano=2)
        span.name = "<load-000000000>" if number == 0 else f"GET /items/{number}"
        span.attributes.add(key="note").value.string_value = "." * 300
    return request.SerializeToString().split(b"000000000")


before, after = template()
answers = collections.Counter()
without_hint = []
acknowledged = []


async def client(numbers, end, rate):
    reader = writer = None
    while time.monotonic() < end:
        number = b"%09d" % next(numbers)
        body = before + number + after
        await rate()
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", receive)
            writer.write(
                b"POST /v1/traces HTTP/1.1\r\nHost: weir\r\nContent-Type: application/x-protobuf\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body))
            # A body is refused before it is read, where there is no room for it.
            writer.write(body)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            status = int(head.split(" ", 2)[1])
            length = re.search(r"content-length: (\d+)", head)
            await reader.readexactly(int(length.group(1)) if length else 0)
        except (OSError, asyncio.IncompleteReadError) as error:
            answers[type(error).__name__] += 1
            writer = None
            continue
        answers[status] += 1
        if status == 200:
            acknowledged.append(number)
        elif "\r\nretry-after: " not in head:
            without_hint.append(head)
        if "connection: close" in head:
            writer.close()
            writer = None


def sdk(results):
    provider = TracerProvider()
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(f"http://127.0.0.1:{receive_grpc}", insecure=True)))
    tracer = provider.get_tracer("overload")
    for number in range(2000):
        tracer.start_span(f"<sdk-{number}>").end()
        time.sleep(0.002)
    results["flushed"] = provider.force_flush(120_000)
    provider.shutdown()


async def main():
    server = Server()
    await asyncio.start_server(server.serve, "127.0.0.1", forward, limit=1 << 20)
    while (await asyncio.to_thread(get, "/health/live"))[0] != 200:
        await asyncio.sleep(0.05)
    start = time.monotonic()
    end = start + options.seconds
    offered = 0

    async def rate():
        nonlocal offered
        offered += 1
        due = start + offered / (10 * options.capacity)
        await asyncio.sleep(max(0, due - time.monotonic()))

    numbers = iter(range(10**9))
    clients = [asyncio.create_task(client(numbers, end, rate)) for _ in range(int(options.capacity * 10))]
    peak = 0
    results = {}
    thread = threading.Thread(target=sdk, args=(results,))
    while time.monotonic() < end:
        peak = max(peak, resident("VmRSS"))
        if thread.ident is None and time.monotonic() > end - 5:
            thread.start()
        await asyncio.sleep(0.2)
    await asyncio.gather(*clients)
    pressure_ended = time.monotonic()
    # The server is now as quick as it can.
    server.pace = 0
    await asyncio.to_thread(thread.join)
    limit = time.monotonic() + 120
    while time.monotonic() < limit:
        page = (await asyncio.to_thread(get, "/metrics"))[1]
        if re.search(r"weir_sink_queue_requests\{[^}]*\} 0\b", page):
            break
        await asyncio.sleep(0.2)
    highest = resident("VmHWM")
    weir.terminate()
    status = await asyncio.to_thread(weir.wait, 60)
    lost = [number for number in acknowledged if not arrived[number]]
    sdk_lost = [number for number in range(2000) if not of_the_sdk[b"%d" % number]]
    refused = sum(count for answer, count in answers.items() if answer not in (200,))
    summary = {
        "seconds": options.seconds, "budget_mib": options.budget, "offered": offered,
        "offered_to_capacity": round(offered / options.seconds / options.capacity, 1),
        "request_kib": round((len(before) + len(after)) / 1024), "acknowledged": len(acknowledged),
        "lost": len(lost), "doubled": sum(count - 1 for count in arrived.values()),
        "answers": {str(key): count for key, count in answers.items()},
        "refusals_without_hint": len(without_hint), "resident_peak_mib": round(highest, 1),
        "sdk_spans": 2000, "sdk_lost": len(sdk_lost), "sdk_flushed": results.get("flushed"),
        "emptied_after_s": round(time.monotonic() - pressure_ended, 1), "exit_status": status,
    }
    for text in without_hint[:3]:
        print(text)
    print(json.dumps(summary))
    return (
        not lost and not sdk_lost and not without_hint and refused > 0 and status == 0
        and highest < options.budget + options.beside)


sys.exit(0 if asyncio.run(main()) else 1)
