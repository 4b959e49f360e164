"""How much a caller may send, how slowly, and over how many connections."""
import json
import socket
import time

import requests

import harness
from gateway_parts import make_user, post


def test_past_its_rate_a_caller_is_asked_to_wait(serve):
    server = serve(env={"PINLINE_GATEWAY_RATE_REQUESTS_PER_SECOND": "5"})
    with requests.Session() as session:
        answers = [post(server, session=session) for _ in range(20)]
        statuses = [answer.status_code for answer in answers]
        assert 5 <= statuses.count(200) < 15 and set(statuses) == {200, 429}, statuses
        late = next(answer for answer in answers if answer.status_code == 429)
        assert late.headers["Retry-After"] == "1" and late.json()["error_code"] == 429, late.text
        harness.eventually(lambda: post(server, session=session).status_code == 200, "it is never let in again", 5)


def test_callers_have_a_rate_each(serve):
    server = serve(env={
        "PINLINE_GATEWAY_RATE_REQUESTS_PER_SECOND": "2", "PINLINE_GATEWAY_AUTH": "required",
        "PINLINE_GATEWAY_RATE_BURST_MS": "1000"})
    for name in ("alice", "bob"):
        make_user(server, name, f"{name}-secret")
    greedy = [post(server, auth=("alice", "alice-secret")).status_code for _ in range(6)]
    assert 429 in greedy
    assert post(server, auth=("bob", "bob-secret")).status_code == 200


def test_bytes_count_too(serve):
    server = serve(env={"PINLINE_GATEWAY_RATE_BYTES_PER_SECOND": "10000"})
    assert post(server, rows=[{"text": "x" * 30_000}]).status_code == 200
    late = post(server)
    assert late.status_code == 429 and 1 < int(late.headers["Retry-After"]) <= 4, late.headers


def connect(server):
    return socket.create_connection((server.host, server.port), timeout=20)


def rest(wire):
    """Everything until the other side closes."""
    received = b""
    try:
        while part := wire.recv(65536):
            received += part
    except ConnectionError:
        pass
    return received


def test_a_head_that_drips_in_is_given_up(serve):
    server = serve(env={"PINLINE_GATEWAY_HEAD_TIMEOUT_MS": "1000"})
    with connect(server) as wire:
        began = time.monotonic()
        wire.settimeout(0.2)
        received = b""
        for byte in b"POST /topics/t HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"y" * 200:
            try:
                wire.send(bytes([byte]))
                received += wire.recv(65536) or b"closed"
            except TimeoutError:
                continue
            except ConnectionError:
                break
            if received:
                break
        assert b" 408 " in received and time.monotonic() - began < 5, received
    assert post(server).status_code == 200


def test_a_body_that_drips_in_is_given_up(serve):
    server = serve(env={"PINLINE_GATEWAY_BODY_GRACE_MS": "500"})
    with connect(server) as wire:
        wire.sendall(
            f"POST /topics/t HTTP/1.1\r\nHost: x\r\nContent-Type: {harness.KAFKA_JSON}\r\nContent-Length: 1000\r\n\r\n{{".encode())
        began = time.monotonic()
        assert b" 408 " in rest(wire)
        assert time.monotonic() - began < 5
    assert post(server).status_code == 200


def test_a_body_that_comes_in_pieces_but_fast_enough_is_taken(serve):
    server = serve(env={"PINLINE_GATEWAY_BODY_GRACE_MS": "300", "PINLINE_GATEWAY_BODY_MIN_BYTES_PER_SECOND": "100"})
    body = json.dumps({"records": [{"value": "x" * 1500}]}).encode()
    with connect(server) as wire:
        wire.sendall((f"POST /topics/t HTTP/1.1\r\nHost: x\r\nContent-Type: {harness.KAFKA_JSON}\r\nConnection: close\r\n"
                      f"Content-Length: {len(body)}\r\n\r\n").encode())
        for start in range(0, len(body), 100):
            wire.sendall(body[start:start + 100])
            # Nothing comes before the body is whole: a pause.
            wire.settimeout(0.1)
            try:
                assert start + 100 >= len(body) or not wire.recv(1, socket.MSG_PEEK)
            except TimeoutError:
                pass
        wire.settimeout(20)
        assert rest(wire).startswith(b"HTTP/1.1 200 ")


def test_slow_clients_without_number_do_not_keep_others_out(serve):
    server = serve(env={"PINLINE_GATEWAY_HEAD_TIMEOUT_MS": "2000"})
    slow = [connect(server) for _ in range(500)]
    try:
        for wire in slow:
            wire.sendall(b"POST /topics/t HTTP/1.1\r\nHo")
        for _ in range(20):
            assert post(server).status_code == 200

        def open_connections():
            text = requests.get(f"http://{server.web}/metrics", timeout=10).text
            return float(text.split("\npinline_gateway_connections ")[1].split("\n")[0])

        harness.eventually(lambda: open_connections() < 50, lambda: f"{open_connections()} are still open")
    finally:
        for wire in slow:
            wire.close()


def test_one_address_cannot_take_every_connection(serve):
    server = serve(env={"PINLINE_GATEWAY_MAX_CONNECTIONS_PER_ADDRESS": "10"})
    held = [connect(server) for _ in range(10)]
    try:
        def is_refused():
            with connect(server) as wire:
                try:
                    wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                except ConnectionError:
                    return True
                return rest(wire) == b""

        harness.eventually(is_refused, "an eleventh connection is let in")
        held.pop().close()
        harness.eventually(lambda: not is_refused(), "none is let in after one has left")
    finally:
        for wire in held:
            wire.close()
