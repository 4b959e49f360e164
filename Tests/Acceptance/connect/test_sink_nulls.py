"""Records without a value, in every order, and what lies beside the values: keys and headers."""
import gzip
import itertools
import json

import pytest

import harness
from sink_client import BYTES, CONNECT, HEADERS, HOURLY, KEYS, LETTERS, at

WRITE = {**KEYS, "behavior.on.null.values": "write"}
NOON = at("2024-05-01T12:00:00")


def orders(length):
    return ["".join(order) for order in itertools.product("vn", repeat=length)]


def records(order):
    """`v` is a record with a value, `n` one without."""
    return [{"key": f"k{n}", "value": n if kind == "v" else None, "timestamp": NOON} for n, kind in enumerate(order)]


def lines(offsets, form="{}"):
    return "".join(form.format(n) + "\n" for n in offsets).encode()


def written(sink, order, count):
    """What is stored with `write` when every `count` records are committed."""
    objects = {}
    for start in range(0, len(order) - count + 1, count):
        group = range(start, start + count)
        values, nulls = ([n for n in group if order[n] == kind] for kind in "vn")
        if values:
            objects[sink.key("partition=0", values[0])] = lines(values)
            objects[sink.key("partition=0", values[0], ".keys.json")] = lines(values, '"k{}"')
        if nulls:
            objects[sink.key("tombstone", nulls[0], ".keys.json")] = lines(nulls, '"k{}"')
    return objects


def test_keys_of_tombstones_are_stored_in_every_order(sinks):
    made = [(order, count, sinks.make(WRITE, flush_size=f"{count}")) for order in orders(4) for count in (1, 2, 3)]
    for order, _, sink in made:
        sink.produce(*records(order))
    for order, count, sink in made:
        sink.settle(read=4, stored=4 - 4 % count)
        assert sink.objects() == written(sink, order, count), (order, count)


def test_ignored_nulls_are_passed_over_in_every_order(sinks):
    """The offset goes on behind them; with nothing open it does so at once."""
    made = [(order, sinks.make(behavior_on_null_values="ignore", flush_size="2")) for order in orders(4)]
    for order, sink in made:
        sink.produce(*records(order))
    for order, sink in made:
        values = [n for n in range(4) if order[n] == "v"]
        files = [values[start:start + 2] for start in range(0, len(values) - 1, 2)]
        waiting = values[len(files) * 2:]
        stored = 4 if not waiting else files[-1][-1] + 1 if files else 0
        # What was passed over before a file that waits is behind us too, or is read again: either is right.
        progress = harness.eventually(
            lambda s=sink, c=stored: (p := s.progress().get(0)) and p["position"] == 4 and p["committed"] >= c and p,
            sink.progress)
        assert sink.objects() == {sink.key("partition=0", file[0]): lines(file) for file in files}, order
        assert progress["open_records"] == len(waiting), order


@pytest.mark.parametrize("order", ["n", "vn", "vvn", "nv"])
def test_a_null_ends_the_task_unless_told_otherwise(sinks, order):
    sink = sinks.make(flush_size="1")
    sink.produce(*records(order))
    assert "Null valued records are not writeable with current behavior.on.null.values 'settings." in sink.failure()
    # What came before is stored, or read again once the task goes on.
    before = {sink.key("partition=0", n): lines([n]) for n in range(order.index("n"))}
    assert sink.objects().items() <= before.items()


def test_a_task_that_a_null_has_ended_goes_on_behind_it_once_told_to(sinks):
    sink = sinks.make(flush_size="1")
    sink.produce(*records("vnv"))
    sink.failure()
    changed = {**sink.config, "behavior.on.null.values": "ignore"}
    answer = sinks.connect.call("PUT", f"/connectors/{sink.name}/config", changed)
    assert answer.status_code == 200, answer.text
    sink.settle(read=3)
    assert sink.objects() == {sink.key("partition=0", n): lines([n]) for n in (0, 2)}


def test_tombstones_have_a_folder_of_ones_own_choice(sinks):
    sink = sinks.make(WRITE, tombstone_encoded_partition="gone", flush_size="2")
    sink.produce(*records("nv"))
    sink.settle(read=2)
    assert set(sink.objects()) == {
        sink.key("gone", 0, ".keys.json"), sink.key("partition=0", 1), sink.key("partition=0", 1, ".keys.json")}


def test_tombstones_among_folders_of_times_rotate_with_them(sinks):
    """A tombstone's folder is another one; it has no time."""
    sink = sinks.make({**HOURLY, **WRITE}, flush_size="5")
    sink.produce(*records("vnvvn"))
    sink.settle(read=5)
    hour = "year=2024/month=05/day=01/hour=12"
    assert sink.objects() == {
        sink.key(hour, 0): lines([0, 2, 3]), sink.key(hour, 0, ".keys.json"): lines([0, 2, 3], '"k{}"'),
        sink.key("tombstone", 1, ".keys.json"): lines([1, 4], '"k{}"')}


# ---- Keys and headers

def test_keys_and_headers_lie_beside_the_values(sinks):
    sink = sinks.make({**KEYS, **HEADERS}, flush_size="2")
    sink.produce(
        {"key": "ä", "value": {"a": 1}, "headers": [("trace", b"x"), ("trace", b"y")]},
        {"key": "", "value": {"a": 2}, "headers": [("empty", b""), ("null", None)]})
    sink.settle(read=2)
    objects = sink.objects()
    headers = [json.loads(line) for line in objects.pop(sink.key("partition=0", 0, ".headers.json")).splitlines()]
    assert objects == {
        sink.key("partition=0", 0): b'{"a":1}\n{"a":2}\n',
        sink.key("partition=0", 0, ".keys.json"): '"ä"\n""\n'.encode()}
    assert headers == [
        {"headers": [{"key": "trace", "value": "x"}, {"key": "trace", "value": "y"}]},
        {"headers": [{"key": "empty", "value": ""}, {"key": "null", "value": None}]}]


def test_keys_and_headers_are_compressed_as_the_values_are(sinks):
    sink = sinks.make({**KEYS, **HEADERS}, flush_size="1", s3_compression_type="gzip")
    sink.produce({"key": "k", "value": "v", "headers": [("a", b"b")]})
    sink.settle(read=1)
    found = {key: gzip.decompress(content) for key, content in sink.objects().items()}
    assert found == {
        sink.key("partition=0", 0, ".json.gz"): b'"v"\n', sink.key("partition=0", 0, ".keys.json.gz"): b'"k"\n',
        sink.key("partition=0", 0, ".headers.json.gz"): b'{"headers":[{"key":"a","value":"b"}]}\n'}


def test_keys_of_bytes_stay_bytes(sinks):
    sink = sinks.make(
        {**KEYS, "keys.format.class": BYTES, "key.converter": f"{CONNECT}.converters.ByteArrayConverter"},
        flush_size="2", format_bytearray_separator="|")
    sink.produce({"key": b"\xff\x00", "value": 1}, {"key": b"", "value": 2})
    sink.settle(read=2)
    assert sink.objects() == {
        sink.key("partition=0", 0): b"1\n2\n", sink.key("partition=0", 0, ".keys.bin"): b"\xff\x00||"}


@pytest.mark.parametrize("config, record, words", [
    (KEYS, {"value": 1}, "Key cannot be null"), (HEADERS, {"value": 1, "key": "k"}, "Headers cannot be null"),
    (WRITE, {"value": None}, "Key cannot be null"),
], ids=["key", "headers", "tombstone"])
def test_what_is_to_be_stored_beside_the_value_must_be_there(sinks, config, record, words):
    sink = sinks.make(config)
    sink.produce(record)
    assert words in sink.failure() and sink.objects() == {}


# ---- Dead letters

@pytest.mark.parametrize("reported", ["true", "false"])
def test_ignored_nulls_are_reported_if_that_is_asked_for(sinks, reported):
    topic = f"letters.nulls-{reported}"
    sinks.create_topic(topic)
    reader = sinks.make(topic=f"{topic}.reader", topics=topic, flush_size="1", behavior_on_null_values="write", **KEYS)
    sink = sinks.make({**LETTERS, "errors.deadletterqueue.topic.name": topic}, behavior_on_null_values="ignore",
                      report_null_values_to_dlq=reported, flush_size="2")
    sink.produce(*records("vnv"))
    sink.settle(read=3)
    assert sink.objects() == {sink.key("partition=0", 0): lines([0, 2])}
    # What a marker behind them proves: no more have come.
    sinks.producer.produce(topic, b'"end"', "end")
    sinks.producer.flush(10)
    count = 2 if reported == "true" else 1
    reader.sinks.connect.wait_until_stored(reader.name, {topic: count})
    keys = [content for key, content in sorted(reader.objects().items()) if ".keys" in key and "tombstone" in key]
    assert keys == [b'"k1"\n'] * (count - 1)
