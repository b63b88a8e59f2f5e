"""Sends log records with ids until a file is there: reload_load.py HTTP_PORT GRPC_PORT STOP_FILE

Prints, as JSON, the ids that were acknowledged, and what went wrong other than being put off: a
connection that was refused or cut, an answer that is no OTLP. Each request has one record, and each
sender keeps its connection as long as the server does."""
import http.client
import json
import os
import sys
import threading
import time

import grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub

from posting import post

http_port, grpc_port, stop = sys.argv[1:]
acknowledged, broken = [], []


def is_over():
    return os.path.exists(stop)


def send_http(sender):
    connection = http.client.HTTPConnection("127.0.0.1", int(http_port), timeout=30)
    number = 0
    while not is_over():
        number += 1
        name = f"h{sender}-{number}"
        body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": name}}]}]}]})
        if post(connection, "/v1/logs", body, lambda text: broken.append(f"{name}: {text}")):
            acknowledged.append(name)
        time.sleep(0.004)


def send_grpc(sender):
    stub = LogsServiceStub(grpc.insecure_channel(f"127.0.0.1:{grpc_port}"))
    number = 0
    while not is_over():
        number += 1
        name = f"g{sender}-{number}"
        request = ExportLogsServiceRequest()
        request.resource_logs.add().scope_logs.add().log_records.add().body.string_value = name
        while True:
            try:
                stub.Export(request, timeout=30)
                acknowledged.append(name)
                break
            except grpc.RpcError as error:
                details = error.details() or ""
                is_full = error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED or "retry later" in details
                if not is_full:
                    broken.append(f"{name}: {error.code().name} {details}")
                    break
                time.sleep(0.05)
        time.sleep(0.004)


threads = [threading.Thread(target=send_http, args=(number,)) for number in range(3)]
threads += [threading.Thread(target=send_grpc, args=(number,)) for number in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps({"acknowledged": acknowledged, "broken": broken}))
