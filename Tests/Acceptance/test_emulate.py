"""`pinline emulate`: what it says was acknowledged is in the bucket, and a seed gives the same rows again."""
import json
import re
import subprocess

import boto3
import pytest

import harness
import real_rows

KINDS = ("pin", "geo", "user")


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve()


def final_counts(text):
    """Sent, acknowledged and failed of the final line."""
    line = text.strip().splitlines()[-1]
    match = re.fullmatch(r"sent (\d+), acknowledged (\d+), failed (\d+), seconds \d+\.\d+", line)
    assert match, f"not a final line: {line}"
    return dict(zip(("sent", "acknowledged", "failed"), map(int, match.groups())))


def emulate(server, user, *arguments):
    """Posts, waits until the bucket holds what was acknowledged, and returns each topic's rows."""
    done = harness.succeed("emulate", "--to", f"http://{server.ingest}", "--api", "kafka", "--id", user, *arguments)
    counts = final_counts(done)
    assert counts["failed"] == 0 and counts["sent"] == counts["acknowledged"], done

    def rows():
        return {kind: harness.records(server.data, f"{user}.{kind}") for kind in KINDS}

    harness.eventually(
        lambda: sum(map(len, rows().values())) >= counts["acknowledged"],
        lambda: f"{counts} but stored {({kind: len(found) for kind, found in rows().items()})}")
    found = rows()
    assert sum(map(len, found.values())) == counts["acknowledged"]
    return found


def test_streams_hold_what_was_acknowledged(server):
    done = harness.succeed(
        "emulate", "--to", f"http://{server.ingest}/test", "--api", "kinesis", "--id", "999999999999", "--count", 30,
        "--seed", 7, "--format", "json")
    counts = json.loads(done)
    assert counts["acknowledged"] == 90 and counts["failed"] == 0 and counts["topics"] == {}
    assert counts["streams"] == {f"streaming-999999999999-{kind}": 30 for kind in KINDS}
    kinesis = boto3.client(
        "kinesis", endpoint_url=f"http://{server.ingest}", region_name="us-east-1", aws_access_key_id="key",
        aws_secret_access_key="secret")
    indexes = []
    for kind in KINDS:
        iterator = kinesis.get_shard_iterator(
            StreamName=f"streaming-999999999999-{kind}", ShardId="shardId-000000000000",
            ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        rows = [json.loads(record["Data"]) for record in kinesis.get_records(ShardIterator=iterator)["Records"]]
        indexes.append(sorted(row["index" if kind == "pin" else "ind"] for row in rows))
    assert len(indexes[0]) == 30 and indexes[0] == indexes[1] == indexes[2]


def test_both_interfaces_take_each_row(server):
    counts = json.loads(harness.succeed(
        "emulate", "--to", f"http://{server.ingest}", "--api", "both", "--id", "888888888888", "--count", 20,
        "--batch", 5, "--format", "json"))
    assert counts["acknowledged"] == 120 and counts["failed"] == 0
    assert set(counts["topics"].values()) == set(counts["streams"].values()) == {20}


def in_order(rows):
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def test_what_was_acknowledged_is_in_the_bucket(server):
    rows = emulate(server, "aaaaaaaaaaaa", "--count", 50, "--seed", 7)
    assert {kind: len(found) for kind, found in rows.items()} == {"pin": 50, "geo": 50, "user": 50}
    assert set(rows["pin"][0]) == {
        "index", "unique_id", "title", "description", "poster_name", "follower_count", "tag_list", "is_image_or_video",
        "image_src", "downloaded", "save_location", "category"}
    assert set(rows["geo"][0]) == {"ind", "timestamp", "latitude", "longitude", "country"}
    assert set(rows["user"][0]) == {"ind", "first_name", "last_name", "age", "date_joined"}
    assert in_order([{"ind": row["index"]} for row in rows["pin"]]) == in_order(
        [{"ind": row["ind"]} for row in rows["geo"]]) == in_order([{"ind": row["ind"]} for row in rows["user"]])


def test_the_same_seed_gives_the_same_rows(server):
    first = emulate(server, "bbbbbbbbbbb1", "--count", 40, "--seed", 11, "--concurrency", 1)
    again = emulate(server, "bbbbbbbbbbb2", "--count", 40, "--seed", 11, "--concurrency", 8)
    other = emulate(server, "bbbbbbbbbbb3", "--count", 40, "--seed", 12)
    for kind in KINDS:
        assert in_order(first[kind]) == in_order(again[kind])
        assert in_order(first[kind]) != in_order(other[kind])


def test_one_client_posts_in_order(server):
    rows = emulate(server, "cccccccccccc", "--count", 30, "--seed", 3, "--concurrency", 1)
    assert [row["index"] for row in rows["pin"]] == [row["ind"] for row in rows["geo"]]
    assert [row["index"] for row in rows["pin"]] == [row["ind"] for row in rows["user"]]


def test_generated_posts_can_be_asked(serve):
    server = serve()
    emulate(server, harness.USER, "--count", 300, "--seed", 1)
    answer = harness.batch("--data", server.data)
    assert answer["quality"]["set_aside"] == []
    for table in answer["quality"]["tables"].values():
        assert table["rows_read"] == 300
        assert not any(table["without_partner"].values())
        assert not any(table["unreadable"].values())
    assert all(answer["results"].values())


def test_a_folder_of_real_rows(server):
    rows = emulate(server, "dddddddddddd", "--source", real_rows.folder(), "--count", 100)
    assert {kind: len(found) for kind, found in rows.items()} == {"pin": 100, "geo": 100, "user": 100}
    pins = {pin["index"]: pin for pin in real_rows.pins()}
    geolocations, users = real_rows.geolocations(), real_rows.users()
    assert len({row["index"] for row in rows["pin"]}) == 100
    for row in rows["pin"]:
        assert row == pins[row["index"]]
    for row in rows["geo"]:
        assert {**row, "timestamp": row["timestamp"].replace("T", " ")} == geolocations[row["ind"]]
    for row in rows["user"]:
        assert {**row, "date_joined": row["date_joined"].replace("T", " ")} == users[row["ind"]]


def test_a_file_of_posts(server):
    posts = real_rows.post_log()[:100]
    rows = emulate(server, "eeeeeeeeeeee", "--source", real_rows.folder() / "post_log.ndjson", "--count", 100)
    for kind in KINDS:
        assert in_order(rows[kind]) == in_order(post[kind] for post in posts)


def test_a_rate_is_kept(server):
    done = harness.succeed(
        "emulate", "--to", f"http://{server.ingest}", "--api", "kafka", "--id", "ffffffffffff", "--count", 20,
        "--rate", 20)
    seconds = re.search(r"(\d+(?:\.\d+)?) ?s(?:econds)?\b|seconds[:= ]+(\d+(?:\.\d+)?)", done.strip().splitlines()[-1])
    assert float(seconds[1] or seconds[2]) >= 0.5


def test_nobody_listening_is_a_failure():
    done = harness.run("emulate", "--to", "http://127.0.0.1:1", "--api", "kafka", "--count", 1, timeout=120)
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr + done.stdout


def test_a_source_that_is_not_there_is_a_failure(server, tmp_path):
    done = harness.run(
        "emulate", "--to", f"http://{server.ingest}", "--source", tmp_path / "missing", "--count", 1, timeout=30)
    assert done.returncode == 1
    assert str(tmp_path / "missing") in done.stderr


def test_a_server_killed_meanwhile_is_told_and_nothing_acknowledged_is_lost(serve):
    """The emulator goes on trying for a while, so the server is started again where it was."""
    server = serve()
    process = subprocess.Popen(
        [str(harness.binary()), "emulate", "--to", f"http://{server.ingest}", "--api", "kafka", "--id", harness.USER,
         "--count", "2000", "--seed", "5", "--concurrency", "4"],
        env=harness.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        topic = f"{harness.USER}.pin"
        harness.eventually(lambda: harness.objects(server.data, topic), "nothing arrives")
        server.kill()
        server.ingest_address = server.ingest
        server.start()
        text, _ = process.communicate(timeout=120)
    finally:
        process.kill()
    counts = final_counts(text)
    harness.eventually(lambda: server.lag() == 0, "the sink does not catch up")
    stored = {kind: harness.records(server.data, f"{harness.USER}.{kind}") for kind in KINDS}
    assert sum(map(len, stored.values())) >= counts["acknowledged"]
