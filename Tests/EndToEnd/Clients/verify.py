"""Compares what was sent with what arrived, field by field.

    verify.py SENT... ARRIVED

Each is a folder with traces.pb, metrics.pb and logs.pb: requests, each after its length in four
bytes. On the way the attributes processor has done what `edited` does here; nothing else may differ.
Batching may group records anew, so what is compared is each record with the resource and the scope
that it belongs to.
"""
import sys
from collections import Counter

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

REQUESTS = {
    "traces": (ExportTraceServiceRequest, "resource_spans", "scope_spans", "spans"),
    "metrics": (ExportMetricsServiceRequest, "resource_metrics", "scope_metrics", "metrics"),
    "logs": (ExportLogsServiceRequest, "resource_logs", "scope_logs", "log_records"),
}
POINTS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")


def requests(folder, signal):
    with open(f"{folder}/{signal}.pb", "rb") as file:
        data = file.read()
    while data:
        length = int.from_bytes(data[:4], "big")
        body, data = data[4 : 4 + length], data[4 + length :]
        assert len(body) == length, f"{folder}/{signal}.pb ends inside a request"
        yield REQUESTS[signal][0].FromString(body)


def edited(attributes):
    """Upsert `region`, update `rewritten`, delete `secret`, as the configuration says."""
    kept = [one for one in attributes if one.key != "secret"]
    for one in kept:
        if one.key == "rewritten":
            one.value.Clear()
            one.value.string_value = "after"
    del attributes[len(kept) :]
    for index, one in enumerate(kept):
        attributes[index].CopyFrom(one)
    found = [one for one in attributes if one.key == "region"]
    (found[0] if found else attributes.add(key="region")).value.string_value = "eu-central-1"


def records(folder, signal, edit):
    """Every span, log record or data point as text that says all of it."""
    _, groups, scopes, leaves = REQUESTS[signal]
    for request in requests(folder, signal):
        for group in getattr(request, groups):
            for scope in getattr(group, scopes):
                above = (text(group.resource), group.schema_url, text(scope.scope), scope.schema_url)
                for leaf in getattr(scope, leaves):
                    if signal != "metrics":
                        if edit:
                            edited(leaf.attributes)
                        yield (*above, text(leaf))
                        continue
                    kind = leaf.WhichOneof("data")
                    data = getattr(leaf, kind)
                    points = [type(point).FromString(point.SerializeToString()) for point in data.data_points]
                    del data.data_points[:]
                    for point in points:
                        if edit:
                            edited(point.attributes)
                        yield (*above, text(leaf), text(point))


def text(message):
    return repr(MessageToDict(message, preserving_proto_field_name=True))


def check_what_was_sent(folder):
    """The comparison is worth what it compares: the traps must really be in what was sent."""
    spans = [
        span
        for request in requests(folder, "traces")
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]
    assert len(spans) == 50 * 2 + 1 + 1 + 45, len(spans)
    assert any(span.links for span in spans) and any(span.events for span in spans)
    assert any(span.status.message for span in spans)
    metrics = {
        metric.name: metric
        for request in requests(folder, "metrics")
        for group in request.resource_metrics
        for scope in group.scope_metrics
        for metric in scope.metrics
    }
    kinds = {metric.WhichOneof("data") for metric in metrics.values()}
    assert kinds == {"sum", "gauge", "histogram", "exponential_histogram"}, kinds
    exponential = metrics["order.size"].exponential_histogram.data_points
    assert sum(point.count for point in exponential) == 200
    assert sum(point.zero_count for point in exponential) == 1
    assert all(len(point.positive.bucket_counts) > 10 for point in exponential)
    explicit = metrics["order.duration"].histogram.data_points
    assert all(list(point.explicit_bounds) == [0.005, 0.05, 0.5, 5] for point in explicit)
    assert all(len(exemplar.trace_id) == 16 for point in explicit for exemplar in point.exemplars)
    assert all(point.exemplars for point in explicit)
    logs = [
        record
        for request in requests(folder, "logs")
        for group in request.resource_logs
        for scope in group.scope_logs
        for record in scope.log_records
    ]
    assert len(logs) == 90, len(logs)
    assert {record.body.WhichOneof("value") for record in logs} >= {
        "string_value", "int_value", "double_value", "bool_value", "array_value", "kvlist_value",
        "bytes_value",
    }
    assert any(len(record.span_id) == 8 for record in logs)


*sent, arrived = sys.argv[1:]
for folder in sent:
    check_what_was_sent(folder)
faults = []
for signal in REQUESTS:
    expected = Counter(record for folder in sent for record in records(folder, signal, edit=True))
    found = Counter(records(arrived, signal, edit=False))
    for record in (expected - found).elements():
        faults.append(f"{signal}: missing {record}")
    for record in (found - expected).elements():
        faults.append(f"{signal}: not sent {record}")
    print(f"{signal}: {sum(expected.values())} sent, {sum((expected & found).values())} arrived as sent")
if faults:
    sys.exit("\n".join(faults[:20]))
