"""Avro through both versions of REST Proxy, with Confluent's serializers and fastavro on the other side."""
import io
import json
import struct

import fastavro
import pytest
import requests
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from schema_clients import DEADLINE, fresh, media

PIN = json.dumps({
    "type": "record", "name": "Pin", "namespace": "org.pins", "fields": [
        {"name": "index", "type": "int"},
        {"name": "followers", "type": "long", "default": 7},
        {"name": "score", "type": "double"},
        {"name": "ratio", "type": "float"},
        {"name": "saved", "type": "boolean"},
        {"name": "title", "type": ["null", "string"], "default": None},
        {"name": "raw", "type": "bytes"},
        {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 4}},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["IMAGE", "VIDEO"]}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "counts", "type": {"type": "map", "values": "long"}},
        {"name": "when", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "parent", "type": ["null", "Pin"], "default": None},
        {"name": "place", "type": {"type": "record", "name": "Place", "fields": [
            {"name": "country", "type": "string"}, {"name": "other", "type": ["null", "Hash", "Kind"]}]}},
    ]})


def pin(index, parent=None):
    """A pin in Avro's JSON encoding."""
    return {
        "index": index, "followers": 12_000_000_000, "score": 1.25, "ratio": 0.5, "saved": True,
        "title": {"string": "Grüße"}, "raw": "\u0000ÿa", "hash": "\u0001\u0002\u0003\u0004", "kind": "VIDEO",
        "tags": ["a", "b"], "counts": {"x": 1, "y": -2}, "when": 1_700_000_000_000,
        "parent": parent and {"org.pins.Pin": parent},
        "place": {"country": "France", "other": {"org.pins.Kind": "IMAGE"}},
    }


def plain(index, parent=None):
    """The same pin as Python's libraries have it."""
    return {
        "index": index, "followers": 12_000_000_000, "score": 1.25, "ratio": 0.5, "saved": True,
        "title": "Grüße", "raw": b"\x00\xffa", "hash": b"\x01\x02\x03\x04", "kind": "VIDEO",
        "tags": ["a", "b"], "counts": {"x": 1, "y": -2}, "when": 1_700_000_000_000, "parent": parent,
        "place": {"country": "France", "other": "IMAGE"},
    }


def value_context(topic):
    return SerializationContext(topic, MessageField.VALUE)


def read(data, schema=PIN):
    """What fastavro reads behind the schema's id; logical types left alone."""
    assert data[0] == 0
    parsed = json.loads(schema.replace('"logicalType": "timestamp-millis"', '"x": 1'))
    return struct.unpack(">I", data[1:5])[0], fastavro.schemaless_reader(io.BytesIO(data[5:]), parsed, None)


def test_v2_writes_what_fastavro_reads(proxy):
    topic = proxy.make_topic()
    answer = proxy.post(
        "avro", topic, key_schema='"string"', value_schema=PIN,
        records=[{"key": "k", "value": pin(1)}, {"key": "k", "value": pin(2, pin(1))}, {"key": "k", "value": None}])
    assert [o["offset"] for o in answer["offsets"]] == [0, 1, 2]
    key_id, value_id = answer["key_schema_id"], answer["value_schema_id"]
    records = proxy.bytes_of(topic, 3)
    assert [read(value) for _, value in records[:2]] == [
        (value_id, plain(1)), (value_id, plain(2, plain(1)))]
    assert records[2][1] is None
    assert read(records[0][0], '"string"') == (key_id, "k")
    assert proxy.schemas.get_latest_version(f"{topic}-value").schema_id == value_id
    assert proxy.schemas.get_latest_version(f"{topic}-key").schema_id == key_id
    again = proxy.post("avro", topic, value_schema_id=value_id, records=[{"value": pin(3)}])
    assert (again["key_schema_id"], again["value_schema_id"]) == (None, value_id)


def test_confluents_deserializer_reads_what_v3_wrote(proxy):
    topic = proxy.make_topic()
    wish = {"value": {"type": "AVRO", "schema": PIN, "data": pin(5)}}
    (answer,) = proxy.produce(topic, wish)
    assert answer["error_code"] == 200, answer
    assert answer["value"]["type"] == "AVRO" and answer["value"]["subject"] == f"{topic}-value"
    assert answer["value"]["schema_version"] == 1
    ((_, data),) = proxy.bytes_of(topic, 1)
    assert answer["value"]["size"] == len(data)
    found = AvroDeserializer(proxy.schemas)(data, value_context(topic))
    assert found["title"] == "Grüße" and found["place"] == {"country": "France", "other": "IMAGE"}


def test_an_avro_consumer_reads_what_confluents_serializer_wrote(proxy):
    topic = proxy.make_topic()
    serializer = AvroSerializer(proxy.schemas, PIN)
    values = [serializer({**plain(n), "parent": plain(0)}, value_context(topic)) for n in range(3)]
    proxy.send(topic, *((None, value) for value in values), (None, None))
    records = proxy.consume("avro", topic, 4)
    assert [r["value"] for r in records] == [pin(0, pin(0)), pin(1, pin(0)), pin(2, pin(0)), None]
    assert [r["offset"] for r in records] == [0, 1, 2, 3]


def test_v3_takes_schemas_by_id_by_version_by_subject_and_the_latest(proxy, registry):
    topic = proxy.make_topic()
    first = registry.register(f"{topic}-value", '"string"')
    second = registry.register(f"{topic}-value", '"long"')
    other = fresh("subject")
    third = registry.register(other, '{"type": "array", "items": "int"}')
    answers = proxy.produce(
        topic,
        {"value": {"schema_id": first, "data": "a"}},
        {"value": {"schema_version": 1, "data": "b"}},
        {"value": {"data": 7}},
        {"value": {"subject": other, "schema_version": 1, "data": [1, 2]}},
        {"value": {"subject": other, "data": [3]}},
        {"key": {"type": "STRING", "data": "k"}, "value": {"subject": other, "schema_id": third, "data": []}},
        {"value": {"type": "JSON", "data": {"x": 1}}})
    assert [a["error_code"] for a in answers] == [200] * 7, answers
    assert [a["offset"] for a in answers] == list(range(7))
    assert [a["value"].get("schema_id") for a in answers] == [first, first, second, third, third, third, None]
    values = [value for _, value in proxy.bytes_of(topic, 7)]
    assert [read(v, s)[1] for v, s in zip(values, ['"string"', '"string"', '"long"'])] == ["a", "b", 7]
    assert values[6] == b'{"x": 1}'


def test_subjects_are_named_by_the_strategy(proxy):
    topic = proxy.make_topic()
    wish = {"type": "AVRO", "schema": PIN, "data": pin(1)}
    answers = proxy.produce(
        topic, {"value": {**wish, "subject_name_strategy": "RECORD_NAME"}},
        {"value": {**wish, "subject_name_strategy": "TOPIC_RECORD_NAME"}},
        {"key": {**wish, "subject_name_strategy": "TOPIC_NAME"}},
        {"value": {"subject_name_strategy": "RECORD_NAME", "data": 1}},
        {"value": {"subject_name_strategy": "NO_NAME", "data": 1}})
    assert [a.get("value", {}).get("subject") for a in answers[:2]] == ["org.pins.Pin", f"{topic}-org.pins.Pin"]
    assert answers[2]["key"]["subject"] == f"{topic}-key"
    assert [a["error_code"] for a in answers[3:]] == [400, 400]


def test_streamed_records_stay_in_order_whatever_their_format(proxy):
    topic = proxy.make_topic()
    records = [
        {"value": {"type": "AVRO", "schema": '"long"', "data": n}} if n % 3 else
        {"value": {"type": "JSON", "data": n}} for n in range(600)]
    answers = proxy.produce(topic, *records)
    assert [a["offset"] for a in answers] == list(range(600))
    values = [value for _, value in proxy.bytes_of(topic, 600)]
    assert [read(v, '"long"')[1] if n % 3 else int(v) for n, v in enumerate(values)] == list(range(600))


def test_a_batch_tells_good_and_bad_entries_apart(proxy):
    topic = proxy.make_topic()
    answer = proxy.batch(
        topic, {"id": "a", "value": {"type": "AVRO", "schema": '"int"', "data": 1}},
        {"id": "b", "value": {"type": "AVRO", "schema": '"int"', "data": "x"}},
        {"id": "c", "value": {"type": "AVRO", "schema": '"strange"', "data": "x"}})
    assert [s["id"] for s in answer["successes"]] == ["a"]
    assert [(f["id"], f["error_code"]) for f in answer["failures"]] == [("b", 400), ("c", 42205)]


def test_a_schema_that_refers_to_another_is_used_with_it(proxy, registry):
    topic, place = proxy.make_topic(), fresh("place")
    registry.register(place, json.dumps({
        "type": "record", "name": "P", "namespace": "n", "fields": [{"name": "c", "type": "string"}]}))
    number = registry.register(
        f"{topic}-value", json.dumps({
            "type": "record", "name": "O", "namespace": "n", "fields": [{"name": "p", "type": "n.P"}]}),
        references=[{"name": "n.P", "subject": place, "version": 1}])
    proxy.post("avro", topic, value_schema_id=number, records=[{"value": {"p": {"c": "x"}}}])
    assert [r["value"] for r in proxy.consume("avro", topic, 1)] == [{"p": {"c": "x"}}]


@pytest.mark.parametrize("body, number", [
    ({"records": [{"key": "k", "value": 1}], "value_schema": '"int"'}, 42201),
    ({"records": [{"value": 1}]}, 42202),
    ({"records": [{"value": "x"}], "value_schema": '"int"'}, 42203),
    ({"records": [{"value": {"a": 1}}], "value_schema": '["null", "int"]'}, 42203),
    ({"records": [{"value": 1}], "value_schema": '{"type": "strange"}'}, 42205),
    ({"records": [{"value": 1}], "value_schema_id": 4711}, 42207),
    ({"records": [{"value": 1, "more": 1}], "value_schema": '"int"'}, 422),
    ({"records": [], "value_schema": '"int"'}, 422),
    ({"records": [{"value": 1}], "value_schema": 5}, 422),
])
def test_v2_refuses_with_the_peers_numbers_and_stores_nothing(proxy, body, number):
    topic = proxy.make_topic()
    answer = proxy.post("avro", topic, status=422, **body)
    assert answer["error_code"] == number, answer
    proxy.post("avro", topic, value_schema='"int"', records=[{"value": 5}])
    assert read(proxy.bytes_of(topic, 1)[0][1], '"int"')[1] == 5


def test_a_schema_of_another_subject_is_refused(proxy, registry):
    number = registry.register(fresh("subject"), '{"type": "array", "items": "string"}')
    topic = proxy.make_topic()
    registry.register(f"{topic}-value", '"int"')
    answer = proxy.post("avro", topic, status=422, value_schema_id=number, records=[{"value": []}])
    assert answer["error_code"] == 42207
    assert "Error when fetching schema version" in answer["message"]


def test_a_failing_registry_is_asked_again(proxy, registry):
    topic = proxy.make_topic()
    with registry.store.lock:
        registry.store.failures = 2
    proxy.post("avro", topic, value_schema='"int"', records=[{"value": 5}])


def test_schemas_are_remembered(proxy, registry):
    topic = proxy.make_topic()
    number = registry.register(f"{topic}-value", '{"type": "map", "values": "int"}')
    for _ in range(20):
        proxy.post("avro", topic, value_schema_id=number, records=[{"value": {"a": 1}}])
    assert registry.count("GET", f"/schemas/ids/{number}") == 1
    assert registry.count("POST", f"/subjects/{topic}-value") == 1


def test_a_record_without_a_schema_stops_an_avro_consumer_until_it_is_passed(proxy):
    topic = proxy.make_topic()
    proxy.post("avro", topic, value_schema='"int"', records=[{"value": 1}])
    proxy.send(topic, (None, b"{}"))
    proxy.post("avro", topic, value_schema='"int"', records=[{"value": 2}])
    uri = proxy.instance("avro", topic)
    read_first = []
    for _ in range(DEADLINE):
        answer = proxy.read("avro", uri)
        if answer.status_code != 200:
            break
        read_first += answer.json()
    assert [r["value"] for r in read_first] == [1]
    assert (answer.status_code, answer.json()["error_code"]) == (408, 40801)
    assert proxy.read("avro", uri).json()["error_code"] == 40801
    requests.post(
        f"{uri}/positions", json={"offsets": [{"topic": topic, "partition": 0, "offset": 2}]},
        headers={"Content-Type": "application/vnd.kafka.v2+json"}, timeout=DEADLINE).raise_for_status()
    assert [r["value"] for r in proxy.read("avro", uri).json()] == [2]
    assert proxy.read("json", uri).status_code == 406


def test_without_a_registry_formats_with_schemas_are_refused(serve):
    from schema_clients import SchemaProxy

    class Nothing:
        url = "http://127.0.0.1:9"

    proxy = SchemaProxy(serve(), Nothing)
    topic = proxy.make_topic()
    assert proxy.post("avro", topic, status=415, value_schema='"int"', records=[{"value": 1}])["error_code"] == 415
    assert proxy.instance("avro", topic, status=422)["error_code"] == 42204
    (answer,) = proxy.produce(topic, {"value": {"type": "AVRO", "schema": '"int"', "data": 1}})
    assert answer["error_code"] == 42206


def test_a_registry_that_is_not_there_is_told_of(serve):
    from schema_clients import SchemaProxy

    class Nothing:
        url = "http://127.0.0.1:9"

    proxy = SchemaProxy(
        serve(env={"PINLINE_SCHEMA_REGISTRY_URL": Nothing.url, "PINLINE_SCHEMA_REGISTRY_RETRIES": "0"}), Nothing)
    topic = proxy.make_topic()
    answer = proxy.post("avro", topic, status=422, value_schema='"int"', records=[{"value": 1}])
    assert answer["error_code"] == 42207 and "does not answer" in answer["message"]
    (answer,) = proxy.produce(topic, {"value": {"type": "AVRO", "schema": '"int"', "data": 1}})
    assert answer["error_code"] == 42207
    proxy.send(topic, (None, b"\0\0\0\0\1\2"))
    uri = proxy.instance("avro", topic)
    for _ in range(DEADLINE):
        answer = proxy.read("avro", uri)
        if answer.status_code != 200 or answer.json():
            break
    assert answer.json()["error_code"] == 50003
    assert media("avro")
