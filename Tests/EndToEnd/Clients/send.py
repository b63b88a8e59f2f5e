"""Sends traces, metrics and logs with the OpenTelemetry SDK, and keeps what it encoded.

    send.py grpc|http ENDPOINT FOLDER

FOLDER gets traces.pb, metrics.pb and logs.pb: the requests as the SDK itself encodes them, each
after its length in four bytes. verify.py holds them against what came out at the other end.
"""
import os
import sys

from grpc import Compression as GrpcCompression
from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider, TraceBasedExemplarFilter
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import (
    ExplicitBucketHistogramAggregation,
    ExponentialBucketHistogramAggregation,
    View,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

protocol, endpoint, folder = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
failures = []


def keeping(exporter, encode, name):
    """The exporter, which also writes what it sends to a file."""
    export = exporter.export

    def both(items, *args, **kwargs):
        body = encode(items).SerializeToString()
        with open(f"{folder}/{name}.pb", "ab") as file:
            file.write(len(body).to_bytes(4, "big") + body)
        result = export(items, *args, **kwargs)
        if result.name != "SUCCESS":
            failures.append(f"{name}: {result}")
        return result

    exporter.export = both
    return exporter


if protocol == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    options = {"endpoint": endpoint, "insecure": True, "timeout": 10}
    spans = OTLPSpanExporter(**options, compression=GrpcCompression.Gzip)
    metrics = OTLPMetricExporter(**options)
    logs = OTLPLogExporter(**options)
else:
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    spans = OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=10)
    metrics = OTLPMetricExporter(f"{endpoint}/v1/metrics", timeout=10)
    logs = OTLPLogExporter(f"{endpoint}/v1/logs", timeout=10, compression=Compression.Gzip)

resource = Resource.create(
    {
        "service.name": f"shop-{protocol}",
        "service.instance.id": "1f0f6b9e",
        "host.cpu.count": 64,
        "deployment.tags": ["blue", "zürich", ""],
    }
)

# Traces: every kind of attribute, events, links, a status, a parent in the same trace.
tracer_provider = TracerProvider(resource=resource)
tracer_provider.add_span_processor(BatchSpanProcessor(keeping(spans, encode_spans, "traces")))
tracer = tracer_provider.get_tracer(
    "io.shop.checkout", "2.1.0", "https://opentelemetry.io/schemas/1.37.0", {"scope.kind": "test"}
)
with tracer.start_as_current_span("earlier") as earlier:
    pass
for number in range(50):
    with tracer.start_as_current_span(
        f"POST /orders/{number}",
        kind=SpanKind.SERVER,
        links=[Link(earlier.get_span_context(), {"reason": "retry"})] if number % 5 == 0 else None,
        attributes={
            "text": "naïve — 漢字 🦆",
            "empty": "",
            "flag": number % 2 == 0,
            "smallest": -(2**63),
            "largest": 2**63 - 1,
            "number": number,
            "ratio": number / 7,
            "tiny": 5e-324,
            "list.text": ["a", "b"],
            "list.int": [1, -1, 2**40],
            "list.double": [0.5, 1e300],
            "list.bool": [True, False],
            "secret": "4111-1111",
            "rewritten": "before",
        },
    ) as parent:
        parent.add_event("cache.miss", {"key": f"order:{number}", "tries": 3})
        with tracer.start_as_current_span("SELECT orders", kind=SpanKind.CLIENT) as child:
            if number % 10 == 3:
                child.set_status(Status(StatusCode.ERROR, "deadlock: víctim"))
                child.record_exception(ValueError("no such order"))
            else:
                child.set_status(StatusCode.OK)

# Metrics: sums, gauge, histograms of both kinds; points measured inside a span carry exemplars.
reader = PeriodicExportingMetricReader(
    keeping(metrics, encode_metrics, "metrics"), export_interval_millis=3_600_000
)
meter_provider = MeterProvider(
    [reader],
    resource=resource,
    exemplar_filter=TraceBasedExemplarFilter(),
    views=[
        View(
            instrument_name="order.size",
            aggregation=ExponentialBucketHistogramAggregation(max_size=40, max_scale=8),
        ),
        View(
            instrument_name="order.duration",
            aggregation=ExplicitBucketHistogramAggregation((0.005, 0.05, 0.5, 5)),
        ),
    ],
)
meter = meter_provider.get_meter("io.shop.metrics", "1.0.0")
orders = meter.create_counter("orders", "{order}", "Orders taken.")
open_carts = meter.create_up_down_counter("carts.open", "{cart}", "Carts that are open.")
stock = meter.create_gauge("stock.ratio", "1", "How full the store is.")
duration = meter.create_histogram("order.duration", "s", "How long an order takes.")
size = meter.create_histogram("order.size", "By", "How large an order is.")
meter.create_observable_gauge("temperature", [lambda _: []], "Cel", "Has no points.")
with tracer.start_as_current_span("measured"):
    for number in range(200):
        attributes = {"country": ["DE", "CH", "日本"][number % 3], "secret": "x"}
        orders.add(number, attributes)
        open_carts.add(1 if number % 4 else -3, attributes)
        stock.set(number / 201, attributes)
        duration.record(number * 0.03, attributes)
        size.record(0 if number == 7 else (number + 1) ** 3 / 11, attributes)

# Logs: bodies of every kind, severities, an event, one inside a span.
logger_provider = LoggerProvider(resource=resource)
logger_provider.add_log_record_processor(BatchLogRecordProcessor(keeping(logs, encode_logs, "logs")))
logger = logger_provider.get_logger("io.shop.log", "3.0")
bodies = [
    "plain",
    "zeile\nzwei\t漢字",
    "",
    17,
    2.5,
    True,
    ["a", 1, None],
    {"user": {"id": 7, "roles": ["admin"]}, "ok": False},
    b"\x00\xff raw",
]
for number in range(90):
    severity = list(SeverityNumber)[1 + number % 24]
    record = LogRecord(
        timestamp=1_790_000_000_000_000_000 + number,
        observed_timestamp=1_790_000_000_000_000_500 + number,
        severity_number=severity,
        severity_text=severity.name,
        body=bodies[number % len(bodies)],
        attributes={"line": number, "secret": "s", "path": "/var/log/süß"},
        event_name="order.placed" if number % 9 == 0 else None,
    )
    if number % 2:
        logger.emit(record)
    else:
        with tracer.start_as_current_span("logged"):
            span = trace.get_current_span().get_span_context()
            record.trace_id, record.span_id = span.trace_id, span.span_id
            record.trace_flags = span.trace_flags
            logger.emit(record)

logger_provider.shutdown()
meter_provider.shutdown()
tracer_provider.shutdown()
if failures:
    sys.exit("\n".join(failures))
