"""Tries to send one span over gRPC and prints the status that it gets: one_span.py grpc|grpc-tls ENDPOINT"""
import sys

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

kind, endpoint = sys.argv[1:]
if kind == "grpc-tls":
    channel = grpc.secure_channel(endpoint, grpc.ssl_channel_credentials())
else:
    channel = grpc.insecure_channel(endpoint)
request = ExportTraceServiceRequest()
request.resource_spans.add().scope_spans.add().spans.add(name="one", trace_id=b"1" * 16, span_id=b"1" * 8)
try:
    TraceServiceStub(channel).Export(request, timeout=3)
    print("OK")
except grpc.RpcError as error:
    print(error.code().name, error.details())
