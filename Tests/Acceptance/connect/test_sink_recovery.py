"""What becomes of files that were open when a server or a connector ended, and of objects that are there already."""
import json

import pytest

import connect_client
import harness
import sink_client
from sink_client import HOURLY, KEYS, at

NOON, HOUR = at("2024-05-01T12:00:00"), 3_600_000
DAY = "year=2024/month=05/day=01"
ENDS = ["kill", "stop", "pause", "restart"]


@pytest.fixture(scope="module")
def own_sinks(shared_serve):
    """On a server that these tests end and start again."""
    server = shared_serve()
    return sink_client.Sinks(server, connect_client.Connect(server.web))


@pytest.fixture
def sinks(own_sinks):
    yield own_sinks
    own_sinks.delete_all()


def interrupt(sinks, made, how):
    """Ends what runs while files are open, and starts it again."""
    if how in ("kill", "stop"):
        return sinks.restart(kill=how == "kill")
    for sink in made:
        if how == "pause":
            sink.call("PUT", "/pause")
            harness.eventually(lambda sink=sink: sink.status()["connector"]["state"] == "PAUSED", sink.status)
            sink.call("PUT", "/resume")
        else:
            sink.call("POST", "/restart?includeTasks=true")
    return None


# What is said, the configuration, the records, and how many of them come before the end. Their files are the same as
# if there had been no end.
def wide(count):
    return [{"value": {"n": n, "text": "x" * 40_000}} for n in range(count)]


def hours(*numbers):
    return [{"value": n, "key": f"k{n}", "timestamp": NOON + hour * HOUR} for n, hour in enumerate(numbers)]


PARTIAL = [
    ("a file that is not full", {"flush.size": "5"}, wide(10), 3),
    ("a full file and one that is not", {"flush.size": "3"}, hours(0, 0, 0, 0, 0, 0), 4),
    ("nothing open", {"flush.size": "3"}, hours(0, 0, 0, 0, 0, 0), 3),
    ("files of several folders", {**HOURLY, "flush.size": "6"}, hours(0, 1, 0, 2, 1, 0), 4),
    ("files of several folders with keys", {**HOURLY, **KEYS, "flush.size": "4"}, hours(1, 0, 1, 0, 0, 1, 0, 1), 6),
    ("files that times close", {**HOURLY, "rotate.interval.ms": f"{HOUR}"}, hours(0, 0, 1, 1, 2), 4),
    ("late records", {**HOURLY, "rotate.interval.ms": f"{HOUR}"}, hours(1, 0, 0, 1, 1, 0), 5),
    ("compressed files", {"flush.size": "4", "s3.compression.type": "gzip"}, hours(0, 0, 0, 0, 0, 0, 0, 0), 6),
]


@pytest.mark.parametrize("how", ENDS)
def test_files_are_the_same_whatever_ends_while_they_are_open(sinks, how):
    made = [(sinks.make(config), sinks.make(config)) for _, config, _, _ in PARTIAL]
    for (ended, whole), (_, _, records, before) in zip(made, PARTIAL):
        ended.produce(*records[:before])
        whole.produce(*records)
    for (ended, whole), (_, _, records, before) in zip(made, PARTIAL):
        for sink, count in ((ended, before), (whole, len(records))):
            harness.eventually(lambda s=sink, c=count: s.progress().get(0, {}).get("position") == c, sink.progress)
    interrupt(sinks, [ended for ended, _ in made], how)
    for (ended, _), (_, _, records, before) in zip(made, PARTIAL):
        ended.produce(*records[before:])
    for (ended, whole), (what, _, records, _) in zip(made, PARTIAL):
        stored = whole.progress()[0]["committed"] if how not in ("kill", "stop") else None
        if stored is None:
            stored = sinks.connect.progress(whole.name).get((whole.topic, 0), {}).get("committed")
        harness.eventually(
            lambda: {k.replace(whole.topic, "T"): v for k, v in whole.objects().items()}
            == {k.replace(ended.topic, "T"): v for k, v in ended.objects().items()} != {},
            lambda: f"{what}: {ended.objects().keys()} are not {whole.objects().keys()}: {ended.progress()}")
        position = ended.settle(len(records), whole.settle(len(records), stored)["committed"])
        assert position["open_records"] == whole.progress()[0]["open_records"], what


def test_a_connector_made_anew_goes_on_where_the_former_was(sinks):
    sink = sinks.make(flush_size="2")
    sink.produce_at(*[NOON] * 3)
    sink.settle(read=3, stored=2)
    sink.call("DELETE", "")
    sink.create()
    sink.produce_at(NOON)
    sink.expect(("partition=0", [0, 1]), ("partition=0", [2, 3]), read=4)


# ---- Objects that are there already

def reset(sink, offset=0):
    sink.call("PUT", "/stop")
    harness.eventually(lambda: sink.status()["connector"]["state"] == "STOPPED", sink.status)
    body = {"offsets": [{"partition": {"kafka_topic": sink.topic, "kafka_partition": 0}, "offset": {"kafka_offset": offset}}]}
    answer = sink.sinks.connect.call("PATCH", f"/connectors/{sink.name}/offsets", body)
    assert answer.status_code == 200, answer.text
    sink.call("PUT", "/resume")


def test_objects_that_are_there_with_the_same_bytes_count_as_stored(sinks):
    sink = sinks.make(KEYS, flush_size="2")
    sink.produce(*hours(0, 0, 0, 0))
    sink.settle(read=4)
    paths = {path: path.stat().st_mtime_ns for path in sink.folder.rglob("*.json")}
    assert len(paths) == 4
    reset(sink)
    sink.settle(read=4)
    assert {path: path.stat().st_mtime_ns for path in sink.folder.rglob("*.json")} == paths


@pytest.mark.parametrize("overwrites", [False, True])
def test_objects_that_are_there_with_other_bytes_are_written_over_only_if_told_to(sinks, overwrites):
    sink = sinks.make(flush_size="2", enable_conditional_writes="false" if overwrites else "true")
    path = sink.folder / sink.key("partition=0", 0)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"another's\n")
    sink.produce_at(NOON, NOON)
    if overwrites:
        sink.expect(("partition=0", [0, 1]), read=2)
        return
    assert sink.key("partition=0", 0) in sink.failure()
    assert path.read_bytes() == b"another's\n"
    path.unlink()
    sink.call("POST", "/restart?includeTasks=true")
    sink.expect(("partition=0", [0, 1]), read=2)


def test_a_moved_data_folder_takes_planned_objects_along(serve, tmp_path):
    """The server dies after its plan; what the plan needs is in the data folder, which has another place then."""
    server = serve(env={"PINLINE_FAULT": "sink.after-plan"}, data=tmp_path / "before")
    sinks = sink_client.Sinks(server, connect_client.Connect(server.web))
    # By record of the wall clock: what is read again would be another object.
    sink = sinks.make(flush_size="1000000", rotate_schedule_interval_ms="500", timezone="UTC")
    try:
        sink.produce(*wide(5))
    except AssertionError:
        pass
    harness.eventually(lambda: server.process.poll() is not None, server.log_tail)
    planned = [path for path in (tmp_path / "before" / "connect").rglob("*") if path.is_file()]
    (tmp_path / "before").rename(tmp_path / "after")
    server = serve(data=tmp_path / "after")
    log = "objects that were under way were stored"
    harness.eventually(lambda: log in server.log_tail(100_000), server.log_tail)
    sinks.server = server
    sinks.begin()
    assert planned and "damaged" not in server.log_tail(100_000)
    found = b"".join(content for _, content in sorted(sink.objects().items()))
    wanted = [json.dumps(row["value"], separators=(",", ":")).encode() for row in wide(5)]
    assert wanted[:found.count(b"\n")] == found.splitlines() and found
