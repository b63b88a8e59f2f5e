"""Sending until it is taken, as an OTLP client does: what the load generators of these tests share."""
import http.client
import time


def post(connection, path, body, problem):
    """Posts JSON, again and again while it is put off. True: it was taken; otherwise `problem` is called with
    what went wrong: a connection that was refused or cut, an answer that no client expects."""
    while True:
        try:
            connection.request("POST", path, body, {"content-type": "application/json"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            problem(repr(error))
            connection.close()
            return False
        if answer.status == 200:
            return True
        if answer.status not in (429, 503):
            problem(str(answer.status))
            return False
        time.sleep(0.05)
