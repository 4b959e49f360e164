"""Connectors on a store that speaks S3: compressed objects, tags, several tasks, new topics, dead letters, the batch."""
import gzip
import io
import json

import confluent_kafka
import pytest

import harness
import real_rows
import s3_store
import sink_client
from sink_client import BYTES, CONNECT, KEYS, LETTERS, PARQUET, at


@pytest.fixture(scope="module")
def module_sinks(shared, s3):
    sinks = sink_client.Sinks(*shared, store=s3)
    yield sinks
    sinks.delete_all()


# ---- Compressed objects

@pytest.mark.parametrize("level", [None, "0", "1", "9"])
def test_json_is_compressed_and_named_so(sinks, level):
    changes = {"s3.compression.type": "gzip", "s3.compression.level": level}
    sink = sinks.make(changes, flush_size="500")
    rows = [{"n": n, "text": "Straße " * 20} for n in range(1000)]
    sink.produce(*rows)
    sink.settle(read=1000)
    objects = sink.objects()
    assert set(objects) == {sink.key("partition=0", n, ".json.gz") for n in (0, 500)}
    text = b"".join(gzip.decompress(content) for _, content in sorted(objects.items()))
    assert text == b"".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode() + b"\n" for row in rows)
    size = sum(map(len, objects.values()))
    assert size > len(text) if level == "0" else size < len(text) / 10
    # As it lies there: a client that asks for it gets gzip's bytes, not the text.
    assert "ContentEncoding" not in sinks.store.client().head_object(
        Bucket=sink.bucket, Key=sink.key("partition=0", 0, ".json.gz"))


def test_bytes_are_compressed_and_named_so(sinks):
    sink = sinks.make({"format.class": BYTES, "value.converter": f"{CONNECT}.converters.ByteArrayConverter"},
                      flush_size="2", s3_compression_type="gzip")
    sink.produce({"value": b"\x00\xff"}, {"value": b""})
    sink.settle(read=2)
    assert {key: gzip.decompress(content) for key, content in sink.objects().items()} == {
        sink.key("partition=0", 0, ".bin.gz"): b"\x00\xff\n\n"}


@pytest.mark.parametrize("codec, ending", [
    ("none", ".parquet"), ("snappy", ".snappy.parquet"), ("gzip", ".gz.parquet"), ("zstd", ".zstd.parquet")])
def test_parquet_files_are_named_by_their_codec(sinks, tmp_path, codec, ending):
    sink = sinks.make(format_class=PARQUET, parquet_codec=codec, flush_size="100")
    sink.produce(*({"n": n, "text": "x" * 50} for n in range(100)))
    sink.settle(read=100)
    ((key, content),) = sink.objects().items()
    assert key == sink.key("partition=0", 0, ending)
    path = tmp_path / "file.parquet"
    path.write_bytes(content)
    rows = harness.query(f"SELECT count(*), sum(n), min(text) FROM read_parquet('{path}')", "--bucket", tmp_path)
    assert rows == [[100, 4950, "x" * 50]]


# ---- Tags

def tags(sinks, sink, key):
    found = sinks.store.client().get_object_tagging(Bucket=sink.bucket, Key=key)["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in found}


def test_objects_are_tagged_with_their_offsets(sinks):
    sink = sinks.make(KEYS, s3_object_tagging="true", flush_size="3")
    sink.produce(*({"key": "k", "value": n} for n in range(6)))
    sink.settle(read=6)
    for start in (0, 3):
        wanted = {"startOffset": f"{start}", "endOffset": f"{start + 2}", "recordCount": "3"}
        assert tags(sinks, sink, sink.key("partition=0", start)) == wanted
        assert tags(sinks, sink, sink.key("partition=0", start, ".keys.json")) == wanted


def test_tags_of_ones_own_come_with_or_without_offsets(sinks):
    pairs = {"s3.object.tagging.key.value.pairs": "team:pins, cost centre:a/b+c=1,empty:"}
    own = {"team": "pins", "cost centre": "a/b+c=1", "empty": ""}
    alone, both = sinks.make(pairs, flush_size="1"), sinks.make(pairs, flush_size="1", s3_object_tagging="true")
    for sink in (alone, both):
        sink.produce(0)
        sink.settle(read=1)
    key = "partition=0"
    assert tags(sinks, alone, alone.key(key, 0)) == own
    assert tags(sinks, both, both.key(key, 0)) == {"startOffset": "0", "endOffset": "0", "recordCount": "1", **own}


def test_large_objects_are_tagged_too(sinks):
    sink = sinks.make(s3_object_tagging="true", flush_size="9", s3_part_size="5242880")
    sink.produce(*({"value": {"n": n, "text": "x" * 900_000}} for n in range(9)))
    sink.settle(read=9)
    assert tags(sinks, sink, sink.key("partition=0", 0)) == {"startOffset": "0", "endOffset": "8", "recordCount": "9"}
    assert len(sink.objects()[sink.key("partition=0", 0)]) > 5_242_880 and sinks.store.uploads(sink.bucket) == []


@pytest.mark.parametrize("behavior", ["ignore", "fail"])
def test_a_store_that_refuses_tags(sinks, faulty_s3, behavior):
    faulty_s3.answer(403, "AccessDenied", method="PUT")
    sink = sinks.make({"store.url": faulty_s3.url}, s3_object_tagging="true", flush_size="1",
                      s3_object_behavior_on_tagging_error=behavior)
    sink.produce(0)
    if behavior == "fail":
        assert sink.key("partition=0", 0) in sink.failure() and sink.objects() == {}
        return
    sink.expect(("partition=0", [0]), read=1)
    assert tags(sinks, sink, sink.key("partition=0", 0)) == {}


# ---- Tasks and topics

def test_the_status_tells_where_objects_go(sinks):
    sink = sinks.make(tasks_max="2")
    place = f"s3://{sink.bucket} at {sinks.store.url}"
    harness.eventually(
        lambda: [task["store"] for task in sinks.connect.get(f"/connectors/{sink.name}/progress")["tasks"]] == [place] * 2,
        lambda: sinks.connect.get(f"/connectors/{sink.name}/progress"))
    rows = json.loads(harness.succeed(
        "connect", "status", sink.name, "--url", f"http://{sinks.server.web}", "--format", "json"))
    assert [row["store"] for row in rows] == [place] * 2


def test_several_tasks_share_the_partitions_of_a_topic(sinks):
    sink = sinks.make(tasks_max="4", partitions=10, flush_size="5")
    sink.produce(*({"value": n, "partition": n % 10} for n in range(500)))
    for partition in range(10):
        sink.settle(read=50, partition=partition)
    assert sink.objects() == {
        sink.key(f"partition={p}", start, partition=p): b"".join(b"%d\n" % (n * 10 + p) for n in range(start, start + 5))
        for p in range(10) for start in range(0, 50, 5)}
    tasks = sinks.connect.get(f"/connectors/{sink.name}/progress")["tasks"]
    shares = [[part["partition"] for part in task["partitions"]] for task in tasks]
    assert len(shares) == 4 and all(shares) and sorted(sum(shares, [])) == list(range(10))


def test_more_tasks_than_partitions_do_no_harm(sinks):
    sink = sinks.make(tasks_max="7", partitions=2, flush_size="1")
    sink.produce(0, 1, 2)
    sink.expect(("partition=0", [0]), ("partition=0", [1]), ("partition=0", [2]), read=3)


def test_topics_and_partitions_that_come_later_are_taken(sinks):
    sink = sinks.make({"topics.regex": r"more\..*-(pin|geo)", "topics": None}, partitions=0, flush_size="1", tasks_max="2",
                      value_converter=f"{CONNECT}.storage.StringConverter", value_converter_schemas_enable=None)
    harness.eventually(lambda: sink.status()["tasks"][1]["state"] == "RUNNING", sink.status)
    for name in ("more.a-pin", "more.b-geo", "more.c-user", "xmore.a-pin", "more.a-pins"):
        sinks.create_topic(name, 2)
        for partition in range(2):
            sinks.producer.produce(name, name, partition=partition)
    assert sinks.producer.flush(10) == 0
    for future in sinks.admin.create_partitions([confluent_kafka.admin.NewPartitions("more.a-pin", 3)]).values():
        future.result(10)
    # The former producer does not know of the partition yet.
    producer = confluent_kafka.Producer({"bootstrap.servers": sinks.server.kafka})
    producer.produce("more.a-pin", b"third", partition=2)
    assert producer.flush(10) == 0
    wanted = {f"topics/{name}/partition={p}/{name}+{p}+0000000000.json": json.dumps(name).encode() + b"\n"
              for name in ("more.a-pin", "more.b-geo") for p in range(2)}
    wanted["topics/more.a-pin/partition=2/more.a-pin+2+0000000000.json"] = b'"third"\n'
    harness.eventually(lambda: sink.objects() == wanted, lambda: f"{sink.objects()} {sink.status()}")


# ---- Dead letters

def test_the_dead_letter_topic_tells_origin_and_reason(sinks):
    topic = "letters.on-s3"
    sink = sinks.make({**LETTERS, **KEYS, "errors.deadletterqueue.topic.name": topic}, flush_size="2", partitions=2,
                      key_converter=f"{CONNECT}.json.JsonConverter", key_converter_schemas_enable="false")
    time = at("2024-05-01T12:00:00")
    bad = [
        {"key": b"1", "value": b"{broken", "headers": [("trace", b"\xff\x00"), ("trace", None)], "timestamp": time},
        {"key": b"no json", "value": b"2", "timestamp": time + 1},
        {"key": None, "value": b"3", "timestamp": time + 2},
        {"key": b"4", "value": None, "timestamp": time + 3},
    ]
    sink.produce({"key": b"0", "value": 0, "partition": 1}, *({**record, "partition": 1} for record in bad[:3]),
                 {"key": b"5", "value": 5, "partition": 1})
    sink.settle(read=5, partition=1)
    assert sink.objects() == {
        sink.key("partition=1", 0, partition=1): b"0\n5\n", sink.key("partition=1", 0, ".keys.json", 1): b"0\n5\n"}
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": sinks.server.kafka, "group.id": "letters", "auto.offset.reset": "earliest"})
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    found = []
    harness.eventually(lambda: found.extend(consumer.consume(10, 0.1)) or len(found) >= 3, lambda: found)
    consumer.close()
    stages = [("VALUE_CONVERTER", "DataException"), ("KEY_CONVERTER", "DataException"), ("TASK_PUT", "ConnectException")]
    assert len(found) == 3
    for number, (letter, record, (stage, kind)) in enumerate(zip(found, bad, stages)):
        assert (letter.key(), letter.value(), letter.timestamp()[1]) == (record["key"], record["value"], record["timestamp"])
        headers = letter.headers()
        own = record.get("headers", [])
        assert headers[:len(own)] == own
        context = {name.removeprefix("__connect.errors."): value.decode() for name, value in headers[len(own):]}
        reason = context.pop("exception.message")
        assert reason and reason in context.pop("exception.stacktrace")
        assert context.pop("class.name").startswith(CONNECT)
        assert context == {
            "topic": sink.topic, "partition": "1", "offset": f"{number + 1}", "connector.name": sink.name,
            "task.id": context["task.id"], "stage": stage, "exception.class.name": f"{CONNECT}.errors.{kind}"}
    # The connector's own status knows of them too.
    metrics = sinks.connect.session.get(f"http://{sinks.server.web}/metrics", timeout=10).text
    counts = [line.split()[-1] for line in metrics.splitlines()
              if line.startswith("pinline_connect_dead_letters_total") and f'"{sink.name}"' in line]
    assert sum(map(float, counts)) == 3


def test_without_headers_the_letter_is_the_record_alone(sinks):
    topic = "letters.plain"
    sink = sinks.make({**LETTERS, "errors.deadletterqueue.topic.name": topic,
                       "errors.deadletterqueue.context.headers.enable": "false"}, flush_size="1")
    sink.produce({"key": b"k", "value": b"{broken"}, {"value": 1})
    sink.settle(read=2)
    listed = json.loads(harness.succeed(
        "dlq", "list", topic, "--bootstrap", sinks.server.kafka, "--values", "--format", "json"))
    assert [(row["value"], row["reason"]) for row in listed] == [("{broken", None)]


# ---- The batch

def test_the_batch_over_a_connectors_objects_gives_the_nine_answers(sinks, tmp_path):
    """One user's published rows: by a connector to the store, and from there into the tables."""
    sink = sinks.make({"topics.regex": f"{harness.USER}.*", "topics": None}, partitions=0, flush_size="50", tasks_max="3")
    rows = {f"{harness.USER}.{name}": real_rows.ndjson(f"golden/raw_{name}.ndjson") for name in ("pin", "geo", "user")}
    for topic in rows:
        sinks.server.post_all(topic, rows[topic])
    harness.eventually(
        lambda: len(p := sinks.connect.progress(sink.name)) == 3 and all(part["position"] == 322 for part in p.values()),
        lambda: sinks.connect.progress(sink.name))
    sink.call("POST", "/flush")
    sinks.connect.wait_until_stored(sink.name, dict.fromkeys(rows, 322))
    answer = harness.batch("--bucket", f"s3://{sink.bucket}", "--data", tmp_path, env=sinks.store.environment())
    assert answer["rows"] == {"pin": 316, "geo": 316, "users": 316}
    # `test_golden.py` compares the answers over these rows with those that were published.
    wanted = harness.batch("--bucket", harness.write_bucket(tmp_path / "bucket", rows))
    assert len(answer["results"]) == 9 and answer["results"] == wanted["results"]
