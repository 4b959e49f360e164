"""SIGKILL between every two steps of storing, again and again: the same objects with the same bytes, each once.

The points are those that `docs/formats/s3-sink.md` names. One data folder dies at each of them in turn.
"""
import gzip
import json

import pytest
import requests

import connect_client
import harness
import sink_client
from sink_client import HEADERS, HOURLY, KEYS, PARQUET, at

SINK = ["after-write", "after-plan", "after-upload", "before-commit", "after-commit", "before-delete"]
# Passed again when what was planned is stored after a restart.
IN_RECOVERY = ["sink.before-commit", "s3.after-create"]
PARTS = ["after-create", "after-part", "after-complete"]
NOON, HOUR = at("2024-05-01T12:00:00"), 3_600_000
DAY = "year=2024/month=05/day=01"

# The configuration, the bytes that a record has, and whether objects are large enough for parts.
KINDS = {
    "small": ({}, 10, False),
    "spooled": ({}, 30_000, False),
    "parts": ({"s3.part.size": "5242880"}, 900_000, True),
    "gzip": ({"s3.compression.type": "gzip"}, 30_000, False),
    "beside": ({**KEYS, **HEADERS, **HOURLY}, 10, False),
    "parquet": ({"format.class": PARQUET}, 100, False),
}
FLUSH = 7


def record(n, width):
    return {"value": {"n": n, "text": "x" * width}, "key": f"k{n}", "headers": [("h", f"{n}".encode())],
            "timestamp": NOON + n % 2 * HOUR}


def line(n, width):
    return json.dumps(record(n, width)["value"], separators=(",", ":")).encode() + b"\n"


def wanted(sink, kind, count, width):
    """The objects of a run that nothing disturbs; Parquet's as the rows in them."""
    objects = {}
    for start in range(0, count - FLUSH + 1, FLUSH):
        group = range(start, start + FLUSH)
        if kind == "beside":
            for hour in (12, 13):
                numbers = [n for n in group if n % 2 == hour - 12]
                for ending, form in ((".json", None), (".keys.json", '"k{0}"'),
                                     (".headers.json", '{{"headers":[{{"key":"h","value":"{0}"}}]}}')):
                    objects[sink.key(f"{DAY}/hour={hour}", numbers[0], ending)] = b"".join(
                        line(n, width) if form is None else (form.format(n) + "\n").encode() for n in numbers)
        else:
            ending = {"gzip": ".json.gz", "parquet": ".snappy.parquet"}.get(kind, ".json")
            text = b"".join(line(n, width) for n in group)
            objects[sink.key("partition=0", start, ending)] = text
    return objects


def read(kind, key, content, folder):
    """The lines in an object, whatever its form."""
    if kind == "gzip":
        return gzip.decompress(content)
    if kind != "parquet":
        return content
    path = folder / "object.parquet"
    path.write_bytes(content)
    rows = harness.query(f"SELECT n, text FROM read_parquet('{path}') ORDER BY n", "--bucket", folder)
    return b"".join(json.dumps({"n": n, "text": text}, separators=(",", ":")).encode() + b"\n" for n, text in rows)


@pytest.mark.parametrize("place, kind", [
    *(("s3", kind) for kind in KINDS), *(("folder", kind) for kind in ("spooled", "gzip", "beside", "parquet"))])
def test_every_object_is_stored_once_with_its_bytes(serve, s3, tmp_path, kind, place):
    config, width, is_large = KINDS[kind]
    points = [f"sink.{point}" for point in SINK] + [f"s3.{point}" for point in (PARTS if is_large else [])]
    server = serve(data=tmp_path / "data")
    sinks = sink_client.Sinks(server, connect_client.Connect(server.web), store=s3 if place == "s3" else None)
    sink = sinks.make(config, flush_size=f"{FLUSH}")
    count, before = 0, {}
    for point in points:
        # The second time it passes, where a step is passed for every object; two commits come at once.
        start(sinks, point + (":2" if point.endswith(("upload", "part")) else ""))
        sink.send(*(record(n, width) for n in range(count, count + 2 * FLUSH)))
        wait_for_death(server, point)
        if point in IN_RECOVERY:
            # What is planned is stored again, and that dies as well.
            start(sinks, point)
            wait_for_death(server, point)
        start(sinks, None)
        count = len(sink.log())
        sink.settle(read=count, stored=count - count % FLUSH)
        # What was there stays as it was, to the byte.
        objects = sink.objects()
        assert {key: objects.get(key) for key in before} == before, point
        before = objects
    assert {key: read(kind, key, content, tmp_path) for key, content in before.items()} == wanted(sink, kind, count, width)
    if place == "s3":
        assert s3.uploads(sink.bucket) == []
    spool = tmp_path / "data" / "connect" / sink.name
    harness.eventually(
        lambda: sum(path.is_file() for path in spool.rglob("*")) <= (count % FLUSH > 0) * 3, lambda: "spool files are left")


def start(sinks, point):
    """Starts the server anew, to die at a point; it may do so before it is ready."""
    server = sinks.server
    server.kill()
    server.env.pop("PINLINE_FAULT", None)
    if point:
        server.env["PINLINE_FAULT"] = point
    try:
        server.start()
        sinks.begin()
    except (AssertionError, OSError, requests.RequestException):
        assert point and server.process.poll() is not None


def wait_for_death(server, point):
    harness.eventually(lambda: server.process.poll() is not None, lambda: f"{point}\n{server.log_tail()}")
    assert server.process.returncode == -9, server.log_tail()
