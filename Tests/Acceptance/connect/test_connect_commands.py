"""`pinline connect` and `pinline dlq`: what they print, and what they do to the running server."""
import json

import confluent_kafka
import pytest

import connect_client
import harness
from connect_client import BUCKET, USER

TOPIC, LETTERS = f"{USER}.pin", "letters"


def rows(*arguments, **options):
    return json.loads(harness.succeed(*arguments, "--format", "json", **options))


def write(folder, text, name="sink.properties"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_connector_is_applied_watched_and_deleted(server, tmp_path):
    file = write(tmp_path, f"name = s3\\u002dsink\n{connect_client.PEOPLES_FILE}")
    data = ["--data", server.data]
    assert rows("connect", "apply", file, *data) == [{"connector": "s3-sink", "result": "created"}]
    assert rows("connect", "apply", file, *data) == [{"connector": "s3-sink", "result": "unchanged"}]
    server.post(TOPIC, {"index": 1}, {"index": 2})
    connect = connect_client.Connect(server.web)
    connect.wait_until_stored("s3-sink", {TOPIC: 2})
    listed = rows("connect", "list", "--url", f"http://{server.web}")
    assert [(row["connector"], row["state"], row["tasks"]) for row in listed] == [("s3-sink", "RUNNING", "3/3")]
    status = [row for row in rows("connect", "status", *data) if row["topic"]]
    assert [(row["topic"], row["committed"], row["lag"]) for row in status] == [(TOPIC, 2, 0)]
    assert [row["store"] for row in status] == [str(server.data / "buckets" / BUCKET)]
    changed = write(tmp_path, f"name=s3-sink\n{connect_client.PEOPLES_FILE}flush.size=1000\n")
    assert rows("connect", "apply", changed, *data) == [{"connector": "s3-sink", "result": "changed"}]
    server.post(TOPIC, {"index": 3})
    harness.eventually(lambda: connect.progress("s3-sink").get((TOPIC, 0), {}).get("open_records") == 1, "not read")
    for command, result in [
            ("flush", "flushed"), ("pause", "paused"), ("resume", "resumed"), ("restart", "restarted"),
            ("stop", "stopped"), ("delete", "deleted")]:
        assert rows("connect", command, "s3-sink", *data) == [{"connector": "s3-sink", "result": result}]
    assert len(connect_client.bucket_objects(server.data / "buckets" / BUCKET)) == 3
    assert harness.succeed("connect", "list", *data, "--format", "csv").strip() == "connector,state,tasks,class"
    gone = harness.run("connect", "status", "s3-sink", *data)
    assert gone.returncode == 1 and "No status found for connector s3-sink" in gone.stderr


def test_json_files_are_taken_in_both_forms(server, tmp_path):
    config = connect_client.peoples_config()
    flat = write(tmp_path, json.dumps({**config, "name": "flat"}), "flat.json")
    whole = write(tmp_path, json.dumps({"name": "whole", "config": config, "initial_state": "STOPPED"}), "whole.json")
    assert [row["result"] for row in rows("connect", "apply", flat, whole, "--data", server.data)] == ["created"] * 2
    states = {row["connector"]: row["state"] for row in rows("connect", "list", "--data", server.data)}
    assert states == {"flat": "RUNNING", "whole": "STOPPED"}


def test_a_file_is_validated_without_being_applied(server, tmp_path):
    good = write(tmp_path, f"name=good\n{connect_client.PEOPLES_FILE}")
    wrong = write(tmp_path, f"name=wrong\n{connect_client.PEOPLES_FILE}flush.size=x\n", "wrong.properties")
    assert harness.run("connect", "validate", good, "--data", server.data).returncode == 0
    done = harness.run("connect", "validate", wrong, "--data", server.data, "--format", "json")
    assert done.returncode == 1 and [row["key"] for row in json.loads(done.stdout)] == ["flush.size"]
    refused = harness.run("connect", "apply", wrong, "--data", server.data)
    assert refused.returncode == 1 and "Not a number of type INT" in refused.stderr
    assert rows("connect", "list", "--data", server.data) == []
    plugins = rows("connect", "plugins", "--data", server.data)
    assert [plugin["type"] for plugin in plugins] == ["sink"]
    keys = rows("connect", "plugins", "S3Sink", "--data", server.data)
    assert {"flush.size", "topics.regex", "store.url"} <= {key["key"] for key in keys}


@pytest.mark.parametrize("arguments, code, words", [
    (["apply", "none.properties"], 2, "none.properties cannot be read"),
    (["list", "--url", "ftp://x"], 2, "--url"),
    (["list", "--url", "http://127.0.0.1:9"], 1, "does not answer"),
    (["list", "--data", "nowhere"], 1, "no server runs"),
])
def test_wrong_commands(arguments, code, words):
    done = harness.run("connect", *arguments)
    assert done.returncode == code and words in done.stderr, done.stderr


def test_a_file_without_a_name_is_refused(tmp_path):
    done = harness.run("connect", "apply", write(tmp_path, connect_client.PEOPLES_FILE))
    assert done.returncode == 2 and "name=" in done.stderr


# ---- Dead letters

def produce(server, topic, *records):
    producer = confluent_kafka.Producer({"bootstrap.servers": server.kafka, "linger.ms": 0})
    for record in records:
        producer.produce(topic, **record)
    assert producer.flush(20) == 0


def consume(server, topic, count):
    """The first records of a topic: key, value, headers, timestamp."""
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": server.kafka, "group.id": "reader", "enable.auto.commit": False,
        "auto.offset.reset": "earliest"})
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    found = []
    harness.eventually(lambda: found.extend(consumer.consume(100, 0.2)) or len(found) >= count, f"{topic}: {found}")
    consumer.close()
    return [(r.key(), r.value(), r.headers() or [], r.timestamp()[1]) for r in found]


BAD = [
    {"key": b"k1", "value": b"\xff no json \x00", "headers": [("trace", b"a"), ("empty", b""), ("null", None)],
     "timestamp": 1_600_000_000_123},
    {"key": None, "value": b"{broken", "timestamp": 1_600_000_000_456},
]


def test_dead_letters_of_a_connector_are_listed_and_replayed_once(server):
    connect = connect_client.Connect(server.web)
    topic = "bad.pin"
    connect.create("with-letters", {**connect_client.peoples_config(topics_regex=None, topics=topic), **{
        "errors.tolerance": "all", "errors.deadletterqueue.topic.name": LETTERS,
        "errors.deadletterqueue.topic.replication.factor": "1",
        "errors.deadletterqueue.context.headers.enable": "true"}})
    produce(server, topic, BAD[0], {"value": b'{"index":1}'}, BAD[1])
    connect.wait_until_stored("with-letters", {topic: 3})
    listed = rows("dlq", "list", LETTERS, "--bootstrap", server.kafka, "--values")
    assert [(r["from_topic"], r["from_partition"], r["from_offset"], r["connector"]) for r in listed] == [
        (topic, 0, 0, "with-letters"), (topic, 0, 2, "with-letters")]
    assert all(row["reason"] for row in listed) and listed[1]["value"] == "{broken"

    dry = rows("dlq", "replay", LETTERS, "--data", server.data, "--dry-run")
    assert dry == [{"topic": topic, "records": 2, "result": "would be sent"}]
    connect.call("PUT", "/connectors/with-letters/pause")
    assert rows("dlq", "replay", LETTERS, "--data", server.data) == [
        {"topic": topic, "records": 2, "result": "sent"}]
    # Each as it was: the record at offset 3 is that of offset 0, 4 is 2; the transaction's marker is at 5.
    records = consume(server, topic, 5)
    assert records[3] == records[0] and records[4] == records[2]
    assert rows("dlq", "list", LETTERS, "--data", server.data) == []
    assert rows("dlq", "replay", LETTERS, "--data", server.data) == []
    assert len(rows("dlq", "list", LETTERS, "--data", server.data, "--all")) == 2
    group = rows("groups", "describe", f"dlq-{LETTERS}", "--data", server.data)
    assert [row["committed"] for row in group if row["topic"] == LETTERS] == [2]


def test_letters_of_the_built_in_sink_can_be_sent_elsewhere(server):
    produce(server, TOPIC, {"key": b"k", "value": b"{broken"}, {"value": b"also broken"})
    # The topic is made with the first letter.
    listed = ["dlq", "list", "--data", server.data, "--format", "json"]
    harness.eventually(lambda: harness.run(*listed).stdout.count('"offset"') == 2, lambda: harness.run(*listed))
    done = rows("dlq", "replay", "--data", server.data, "--to", "mended", "--limit", "1")
    assert done == [{"topic": "mended", "records": 1, "result": "sent"}]
    assert [record[:3] for record in consume(server, "mended", 1)] == [(b"k", b"{broken", [])]
    assert len(rows("dlq", "list", "--data", server.data)) == 1


def test_letters_that_do_not_tell_their_origin_need_a_topic(server):
    produce(server, "plain", {"value": b"1"})
    done = harness.run("dlq", "replay", "plain", "--data", server.data)
    assert done.returncode == 1 and "--to" in done.stderr
    gone = harness.run("dlq", "list", "nothing", "--data", server.data)
    assert gone.returncode == 1 and gone.stderr.startswith("pinline: ")
