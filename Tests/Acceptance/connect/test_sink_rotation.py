"""When the files of a topic partition become objects: by count, by the records' times, by schemas and by open files."""
import pytest

import harness
from sink_client import HOURLY, KEYS, PARTITIONERS, at

NOON, HOUR, MINUTE = at("2024-05-01T12:00:00"), 3_600_000, 60_000
DAY = "year=2024/month=05/day=01"
H12, H13, H14 = f"{DAY}/hour=12", f"{DAY}/hour=13", f"{DAY}/hour=14"
EACH_MINUTE = {**HOURLY, "rotate.interval.ms": f"{MINUTE}"}
TOGETHER = {"rotate.file.on.partition.change": "false"}


# Each row: what is said, the configuration, times of the records since noon, and the objects that are there once all
# are read. Records that are in none of them wait in open files.
CASES = [
    ("the interval counts from the first record since the last commit", EACH_MINUTE,
     [10_000, 69_999, 70_000, 129_999, 130_000], [(H12, [0, 1]), (H12, [2, 3])]),
    ("a record at the interval's end begins a file", EACH_MINUTE, [0, MINUTE], [(H12, [0])]),
    ("a record just before the interval's end does not", EACH_MINUTE, [0, MINUTE - 1], []),
    ("a time far ahead commits once", EACH_MINUTE, [0, 10 * HOUR], [(H12, [0])]),
    ("another folder commits what came before", EACH_MINUTE, [HOUR - 1, HOUR, HOUR + 1], [(H12, [0])]),
    ("time that runs backwards in a folder does not commit", EACH_MINUTE, [50_000, 10_000, 0, 50_000], []),
    ("the interval counts from the first record, though an earlier time comes later", EACH_MINUTE,
     [100_000, 0, 60_000, 159_999, 160_000], [(H12, [0, 1, 2, 3])]),
    ("late records alternate between files", EACH_MINUTE, [HOUR, 0, HOUR, 0], [(H13, [0]), (H12, [1]), (H13, [2])]),
    ("late records share files if a change of folder commits nothing", {**EACH_MINUTE, **TOGETHER},
     [HOUR, 0, HOUR, 0, HOUR + MINUTE], [(H13, [0, 2]), (H12, [1, 3])]),
    ("the interval runs over folders if a change of folder commits nothing", {**EACH_MINUTE, **TOGETHER},
     [HOUR - 30_000, HOUR + 29_999, HOUR + 30_000], [(H12, [0]), (H13, [1])]),
    ("without the interval no time and no folder commits", HOURLY, [0, HOUR, 0, 5 * HOUR], []),
    ("the count is of all open files together", {**HOURLY, "flush.size": "3"},
     [0, HOUR, 0, HOUR], [(H12, [0, 2]), (H13, [1])]),
    ("one record an object", {**EACH_MINUTE, "flush.size": "1"}, [0, HOUR, 0], [(H12, [0]), (H13, [1]), (H12, [2])]),
    ("time comes before the count", {**EACH_MINUTE, "flush.size": "2"},
     [0, MINUTE, MINUTE + 1, MINUTE + 2], [(H12, [0]), (H12, [1, 2])]),
    ("the count begins anew after a commit by time", {**EACH_MINUTE, "flush.size": "3"},
     [0, 1, MINUTE, MINUTE + 1, MINUTE + 2], [(H12, [0, 1]), (H12, [2, 3, 4])]),
    ("the interval begins anew after a commit by count", {**EACH_MINUTE, "flush.size": "2"},
     [0, 30_000, 80_000, 139_999, 140_000, 200_000], [(H12, [0, 1]), (H12, [2, 3]), (H12, [4])]),
    ("one open file too many commits the others", {**HOURLY, "partitioner.max.open.files": "2"},
     [0, HOUR, 0, 2 * HOUR, HOUR], [(H12, [0, 2]), (H13, [1])]),
    ("a single open file commits at each change of folder", {**HOURLY, "partitioner.max.open.files": "1"},
     [0, 1, HOUR, 0], [(H12, [0, 1]), (H13, [2])]),
    ("a folder that is open already is not one too many", {**HOURLY, "partitioner.max.open.files": "2"},
     [0, HOUR, 0, HOUR, 0], []),
    ("time comes before too many open files", {**EACH_MINUTE, **TOGETHER, "partitioner.max.open.files": "2"},
     [HOUR - 1, HOUR, 2 * HOUR], [(H12, [0]), (H13, [1])]),
    ("the count commits the file that was one too many", {**HOURLY, "partitioner.max.open.files": "1", "flush.size": "2"},
     [0, HOUR, HOUR, 0], [(H12, [0]), (H13, [1, 2])]),
    ("the interval means nothing without folders of times", {"rotate.interval.ms": f"{MINUTE}"}, [0, HOUR, 5 * HOUR], []),
]


def test_each_rule_in_its_order(sinks):
    made = [sinks.make(config) for _, config, _, _ in CASES]
    for sink, (_, _, times, _) in zip(made, CASES):
        sink.produce_at(*(NOON + time for time in times))
    wrong = []
    for sink, (what, _, times, files) in zip(made, CASES):
        stored = sum(len(offsets) for _, offsets in files)
        try:
            sink.expect(*files, read=len(times), stored=stored)
        except AssertionError as error:
            wrong.append(f"{what}: {error}")
    assert not wrong, "\n".join(wrong)


def test_an_interval_that_means_nothing_is_told(sinks):
    sink = sinks.make(rotate_interval_ms="1000")
    harness.eventually(
        lambda: any("rotate.interval.ms is ignored" in line and sink.name in line
                    for line in sinks.server.log_tail(200_000).splitlines()),
        lambda: f"no warning\n{sinks.server.log_tail()}")


def test_a_commit_is_of_one_partition_of_the_topic(sinks):
    sink = sinks.make(HOURLY, partitions=3, flush_size="2")
    sink.produce(*({"value": n, "partition": n % 2, "timestamp": NOON} for n in range(3)))
    sink.settle(read=2, partition=0)
    sink.settle(read=1, stored=0, partition=1)
    assert sink.objects() == {sink.key(H12, 0): b"0\n2\n"}


def test_commits_are_of_one_topic(sinks):
    first = sinks.make(flush_size="2")
    second = sinks.make(topic=f"{first.topic}.second", topics=f"{first.topic},{first.topic}.second", flush_size="2")
    first.produce("a")
    second.produce("b", "c")
    second_stored = f"topics/{second.topic}/partition=0/{second.topic}+0+0000000000.json"
    harness.eventually(
        lambda: second.objects() == {second_stored: b'"b"\n"c"\n'}, lambda: f"{second.objects()} {second.status()}")


# ---- Schemas

def struct(version, *fields, name="pin", **values):
    """A value with its schema, as JsonConverter takes it; fields are optional texts."""
    schema = {"type": "struct", "name": name, "optional": False,
              "fields": [{"field": field, "type": "string", "optional": True} for field in fields]}
    if version is not None:
        schema["version"] = version
    return {"value": {"schema": schema, "payload": {field: values.get(field) for field in fields}}}


def bare(payload):
    return {"value": {"schema": None, "payload": payload}}


OLD, NEW = struct(1, "a", a="o"), struct(2, "a", "b", a="n", b="m")
IS_OLD, IS_NEW = b'{"a":"o"}\n', b'{"a":"n","b":"m"}\n'
OLD_AS_NEW, NEW_AS_OLD = b'{"a":"o","b":null}\n', b'{"a":"n"}\n'

# What is said, schema.compatibility, records, and the objects by their first offsets. The last file waits.
SCHEMAS = [
    ("each change ends a file", "NONE", [OLD, OLD, NEW, OLD, OLD], {0: IS_OLD * 2, 2: IS_NEW}),
    ("schemas that differ in their version alone are two", "NONE", [OLD, struct(7, "a", a="o")], {0: IS_OLD}),
    ("a schema after none ends a file, and none after a schema", "NONE", [bare("x"), OLD, bare("y")],
     {0: b'"x"\n', 1: IS_OLD}),
    ("backward: a newer version ends a file, older records are brought to it", "BACKWARD", [OLD, NEW, OLD, NEW, struct(3, "a")],
     {0: IS_OLD, 1: IS_NEW + OLD_AS_NEW + IS_NEW}),
    ("full: as backward", "FULL", [OLD, NEW, OLD, struct(3, "a")], {0: IS_OLD, 1: IS_NEW + OLD_AS_NEW}),
    ("forward: an older version ends a file, newer records are brought to it", "FORWARD", [NEW, OLD, NEW, struct(0, "a")],
     {0: IS_NEW, 1: IS_OLD + NEW_AS_OLD}),
]


def test_each_rule_of_schemas(sinks):
    made = []
    for _, compatibility, records, _ in SCHEMAS:
        made.append(sinks.make(schema_compatibility=compatibility, value_converter_schemas_enable="true"))
        made[-1].produce(*records)
    for sink, (what, _, records, files) in zip(made, SCHEMAS):
        stored = sum(content.count(b"\n") for content in files.values())
        sink.settle(read=len(records), stored=stored)
        assert sink.objects() == {sink.key("partition=0", start): text for start, text in files.items()}, what


@pytest.mark.parametrize("records", [
    [struct(None, "a", a="x"), struct(None, "a", "b")], [OLD, bare("x")], [bare("x"), OLD],
], ids=["without-versions", "none-after-a-schema", "a-schema-after-none"])
def test_schemas_that_cannot_be_compared_end_the_task(sinks, records):
    sink = sinks.make(schema_compatibility="BACKWARD", value_converter_schemas_enable="true")
    sink.produce(*records)
    trace = sink.failure()
    assert f"{sink.topic}" in trace and "schema.compatibility" in trace, trace
    assert sink.objects() == {}


def test_a_schema_in_another_folder_ends_no_file(sinks):
    """Files are compared folder by folder."""
    config = {"partitioner.class": f"{PARTITIONERS}.FieldPartitioner", "partition.field.name": "a", "flush.size": "3"}
    sink = sinks.make(config, value_converter_schemas_enable="true")
    sink.produce(OLD, NEW, OLD)
    sink.settle(read=3)
    assert sink.objects() == {sink.key("a=o", 0): IS_OLD * 2, sink.key("a=n", 1): IS_NEW}


# ---- What shows when

def test_nothing_shows_before_a_commit_and_stopping_stores_nothing(sinks):
    sink = sinks.make(HOURLY, flush_size="4", **{"store.kafka.keys": "true", "keys.format.class": KEYS["keys.format.class"]})
    sink.produce(*({"value": n, "key": f"k{n}", "timestamp": NOON + n * HOUR} for n in range(3)))
    for state, action in (("PAUSED", "pause"), ("STOPPED", "stop")):
        sink.settle(read=3, stored=0)
        assert sink.objects() == {} and sink.progress()[0]["open_files"] == 3
        sink.call("PUT", f"/{action}")
        harness.eventually(lambda: sink.status()["connector"]["state"] == state, sink.status)
        assert sink.objects() == {}
        offsets = sinks.connect.get(f"/connectors/{sink.name}/offsets")["offsets"]
        assert all(entry["offset"]["kafka_offset"] == 0 for entry in offsets), offsets
        sink.call("PUT", "/resume")
    sink.produce({"value": 3, "key": "k3", "timestamp": NOON})
    sink.settle(read=4)
    assert sink.objects() == {
        sink.key(H12, 0): b"0\n3\n", sink.key(H13, 1): b"1\n", sink.key(H14, 2): b"2\n",
        sink.key(H12, 0, ".keys.json"): b'"k0"\n"k3"\n', sink.key(H13, 1, ".keys.json"): b'"k1"\n',
        sink.key(H14, 2, ".keys.json"): b'"k2"\n'}
