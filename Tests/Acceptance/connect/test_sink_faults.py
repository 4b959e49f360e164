"""The server dies between two steps of a commit; afterwards each record is in the bucket once."""
import json

import pytest

import connect_client
import harness

TOPIC = f"{connect_client.USER}.pin"
POINTS = ["after-write", "after-plan", "after-upload", "before-commit", "after-commit", "before-delete"]
PARTITION = "io.confluent.connect.storage.partitioner"
WALL_CLOCK = {
    "partitioner.class": f"{PARTITION}.TimeBasedPartitioner", "partition.duration.ms": "1000", "locale": "en",
    "path.format": "HH/mm/ss", "timezone": "Europe/London", "rotate.schedule.interval.ms": "1000",
    "flush.size": "100000",
}


def lines(folder):
    return sorted(
        json.loads(line)["n"] for content in connect_client.bucket_objects(folder).values()
        for line in content.decode().splitlines())


@pytest.mark.parametrize("width", [10, 30_000], ids=["in-memory", "in-the-spool"])
@pytest.mark.parametrize("point", POINTS)
def test_every_record_is_stored_once_though_the_wall_clock_closes_files(serve, tmp_path, point, width):
    config = connect_client.peoples_config(store_url=f"file://{tmp_path}/cloud") | WALL_CLOCK
    data = tmp_path / "data"
    server = serve(env={"PINLINE_FAULT": f"sink.{point}"}, data=data)
    connect_client.Connect(server.web).create("s3-sink", config)
    rows = [{"n": n, "text": "x" * width} for n in range(20)]
    server.post(TOPIC, *rows[:12])
    harness.eventually(
        lambda: server.process.poll() is not None, lambda: f"it goes on\n{server.log_tail()}", 30)
    server = serve(data=data)
    server.post(TOPIC, *rows[12:])
    connect = connect_client.Connect(server.web)
    connect.wait_until_stored("s3-sink", {TOPIC: len(rows)})
    assert lines(tmp_path / "cloud" / connect_client.BUCKET) == list(range(len(rows)))
    spool = data / "connect" / "s3-sink"
    harness.eventually(
        lambda: not [path for path in spool.rglob("*") if path.is_file()], lambda: "spool files are left", 10)
