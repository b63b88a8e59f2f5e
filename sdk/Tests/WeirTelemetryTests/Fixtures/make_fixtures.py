"""Makes the golden files beside it with Google's protobuf, an implementation that is not ours.

    pip install opentelemetry-proto && python make_fixtures.py

For each signal: every field set, as SerializeToString writes it (NAME.pb), the same with all fields
in descending order as the Collector writes them (NAME_descending.pb), and as OTLP JSON (NAME.json).
"""
import base64, json, os
from google.protobuf import json_format
from google.protobuf.internal import encoder
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace

HERE = os.path.dirname(os.path.abspath(__file__))
IDS = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}
counter = 0


def number():
    global counter
    counter += 1
    return counter


def fill(message, depth=0):
    for field in message.DESCRIPTOR.fields:
        oneof = field.containing_oneof
        if oneof and len(oneof.fields) > 1 and message.WhichOneof(oneof.name):
            continue
        if message.DESCRIPTOR.name == "AnyValue":
            fill_any_value(message, depth)
            return
        if field.is_repeated:
            for _ in range(2):
                if field.message_type:
                    fill(getattr(message, field.name).add(), depth + 1)
                else:
                    getattr(message, field.name).append(scalar(field))
        elif field.message_type:
            sub = getattr(message, field.name)
            sub.SetInParent()
            fill(sub, depth + 1)
        elif field.name != "key_strindex":
            setattr(message, field.name, scalar(field))


def scalar(field):
    n = number()
    if field.name in IDS:
        return bytes((n + i) % 256 for i in range(IDS[field.name]))
    if field.enum_type:
        return n % len(field.enum_type.values)
    kind = field.type
    if kind == field.TYPE_STRING:
        return f"{field.name}-{n} \"é€\\"
    if kind == field.TYPE_BYTES:
        return bytes([n % 256, 255, 0])
    if kind == field.TYPE_DOUBLE:
        return n + 0.25
    if kind == field.TYPE_BOOL:
        return True
    if kind in (field.TYPE_INT64, field.TYPE_SINT32, field.TYPE_SFIXED64):
        return -n
    if kind in (field.TYPE_UINT64, field.TYPE_FIXED64):
        return (1 << 60) + n
    return n


def fill_any_value(value, depth):
    n = number()
    kind = n % 7 if depth < 9 else n % 4
    if kind == 0: value.string_value = f"text {n}"
    elif kind == 1: value.bool_value = True
    elif kind == 2: value.int_value = -n
    elif kind == 3: value.double_value = n / 8
    elif kind == 4:
        for _ in range(2): fill_any_value(value.array_value.values.add(), depth + 3)
    elif kind == 5:
        item = value.kvlist_value.values.add()
        item.key = f"key {n}"
        fill_any_value(item.value, depth + 3)
    else: value.bytes_value = bytes([n % 256, 254])


def metric_kinds(request):
    """One metric of each kind: the fill above sets only the first case of a oneof."""
    scope = request.resource_metrics[0].scope_metrics[0]
    for kind in ("sum", "histogram", "exponential_histogram", "summary"):
        metric = scope.metrics.add()
        fill(getattr(metric, kind))
        fill(metric)


def descending(message):
    out = b""
    for field, value in sorted(message.ListFields(), key=lambda pair: -pair[0].number):
        for item in value if field.is_repeated else [value]:
            one = type(message)()
            if field.message_type:
                body = descending(item)
                out += encoder.TagBytes(field.number, 2) + encoder._VarintBytes(len(body)) + body
                continue
            if field.is_repeated:
                getattr(one, field.name).append(item)
            else:
                setattr(one, field.name, item)
            out += one.SerializeToString()
    return out


def as_json(message):
    tree = json_format.MessageToDict(message, use_integers_for_enums=True)

    def walk(node):
        if isinstance(node, list):
            return [walk(item) for item in node]
        if isinstance(node, dict):
            return {
                key: base64.b64decode(item).hex() if key in ("traceId", "spanId", "parentSpanId") else walk(item)
                for key, item in node.items()
            }
        return node

    return walk(tree)


for name, request in (
    ("traces", trace.ExportTraceServiceRequest()),
    ("metrics", metrics.ExportMetricsServiceRequest()),
    ("logs", logs.ExportLogsServiceRequest()),
):
    fill(request)
    if name == "metrics":
        metric_kinds(request)
    shuffled = descending(request)
    assert type(request).FromString(shuffled) == request
    with open(f"{HERE}/{name}.pb", "wb") as file: file.write(request.SerializeToString())
    with open(f"{HERE}/{name}_descending.pb", "wb") as file: file.write(shuffled)
    with open(f"{HERE}/{name}.json", "w") as file: json.dump(as_json(request), file, ensure_ascii=False)
    print(name, request.ByteSize())
