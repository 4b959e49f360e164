"""One line of JSON for each request, and what becomes of the file."""
import datetime
import json
import signal

import harness
from gateway_parts import make_user, post


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_each_request_is_one_line(serve, tmp_path):
    path = tmp_path / "access.log"
    server = serve(env={"PINLINE_GATEWAY_ACCESS_LOG": str(path), "PINLINE_GATEWAY_AUTH": "optional"})
    make_user(server, "alice", "alice-secret")
    assert post(server, auth=("alice", "alice-secret"), headers={"X-Request-Id": "mine\""}).status_code == 200
    assert post(server, body="{").status_code == 400
    assert server.session.get(f"http://{server.ingest}/nowhere", timeout=10).status_code == 404
    harness.eventually(lambda: len(lines(path)) == 3, lambda: path.read_text())
    first, second, third = lines(path)
    assert first["method"] == "POST" and first["path"] == "/topics/{topic}" and first["status"] == 200
    assert first["caller"] == "alice" and first["address"] == "127.0.0.1" and first["request_id"] == "mine\""
    assert first["request_bytes"] > 10 and first["response_bytes"] > 100 and first["duration_ms"] > 0
    assert datetime.datetime.fromisoformat(first["time"].replace("Z", "+00:00")).year >= 2020
    assert (second["status"], second["caller"]) == (400, None)
    assert (third["status"], third["path"], third["method"]) == (404, "", "GET")
    assert second["request_id"] != third["request_id"]


def test_a_part_of_them_is_written_and_errors_always(serve, tmp_path):
    path = tmp_path / "access.log"
    server = serve(env={"PINLINE_GATEWAY_ACCESS_LOG": str(path), "PINLINE_GATEWAY_ACCESS_LOG_SAMPLE": "0.1"})
    for _ in range(40):
        server.post("t", {"index": 1})
    for _ in range(5):
        assert post(server, body="{").status_code == 400
    harness.eventually(lambda: len(lines(path)) >= 9, lambda: path.read_text())
    statuses = [line["status"] for line in lines(path)]
    assert (statuses.count(200), statuses.count(400)) == (4, 5)


def test_a_renamed_file_is_left_alone_after_sighup(serve, tmp_path):
    path = tmp_path / "access.log"
    server = serve(env={"PINLINE_GATEWAY_ACCESS_LOG": str(path)})
    server.post("t", {"index": 1})
    harness.eventually(lambda: len(lines(path)) == 1, "no line")
    path.rename(tmp_path / "access.log.1")
    server.process.send_signal(signal.SIGHUP)
    harness.eventually(path.exists, "the file is not made anew")
    server.post("t", {"index": 2})
    harness.eventually(lambda: len(lines(path)) == 1, "no line in the new file")
    assert len(lines(tmp_path / "access.log.1")) == 1


def test_requests_that_break_the_rules_are_told_of(serve, tmp_path):
    import socket
    path = tmp_path / "access.log"
    server = serve(env={"PINLINE_GATEWAY_ACCESS_LOG": str(path)})
    with socket.create_connection((server.host, server.port), timeout=10) as wire:
        wire.sendall(b"GARBAGE\r\n\r\n")
        assert b" 400 " in wire.recv(65536)
    harness.eventually(lambda: [line["status"] for line in lines(path)] == [400], lambda: path.read_text())
