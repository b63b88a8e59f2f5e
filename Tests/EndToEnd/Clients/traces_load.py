"""Sends spans until a file is there: traces_load.py HTTP_PORT STOP_FILE FIRST_SENDER

Each of four senders sends the spans of its ten traces of the moment one after the other, so that a
trace comes in several requests. Prints, as JSON, the names of the spans that were acknowledged
(TRACE-SPAN), and what went wrong other than being put off."""
import http.client
import json
import os
import sys
import threading
import time

from posting import post

port, stop, first = sys.argv[1:]
acknowledged, broken = [], []


def send(sender):
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    round = 0
    while not os.path.exists(stop):
        round += 1
        for span in range(4):
            names = [f"{sender}x{round}x{trace}-{span}" for trace in range(10)]
            spans = [
                {"traceId": f"{sender + 1:08x}{round:08x}{index:016x}", "spanId": f"{span + 1:016x}", "name": name}
                for index, name in enumerate(names)
            ]
            body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
            if post(connection, "/v1/traces", body, lambda text: broken.append(f"{names[0]}: {text}")):
                acknowledged.extend(names)
            time.sleep(0.004)


senders = [threading.Thread(target=send, args=(number,)) for number in range(int(first), int(first) + 4)]
for sender in senders:
    sender.start()
for sender in senders:
    sender.join()
print(json.dumps({"acknowledged": acknowledged, "broken": broken}))
