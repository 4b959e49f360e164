"""JSON Schema through both versions of REST Proxy, with Confluent's serializers on the other side."""
import json

import pytest
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from schema_clients import fresh

PIN = json.dumps({
    "$schema": "http://json-schema.org/draft-07/schema#", "title": "Pin", "type": "object",
    "properties": {
        "index": {"type": "integer", "minimum": 0},
        "category": {"type": "string", "pattern": "^[a-z-]+$", "maxLength": 20},
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "place": {"$ref": "#/definitions/place"},
    },
    "required": ["index"], "additionalProperties": False,
    "definitions": {"place": {"type": "object", "properties": {"country": {"enum": ["France", "Peru"]}}}},
})
GOOD = {"index": 5, "category": "diy-and-crafts", "tags": ["a", "b"], "place": {"country": "Peru"}}


def context(topic):
    return SerializationContext(topic, MessageField.VALUE)


def test_confluents_deserializer_reads_what_both_versions_wrote(proxy):
    topic = proxy.make_topic()
    answer = proxy.post("jsonschema", topic, value_schema=PIN, records=[{"value": GOOD}])
    (streamed,) = proxy.produce(topic, {"value": {"type": "JSONSCHEMA", "schema": PIN, "data": GOOD}})
    assert streamed["value"]["schema_id"] == answer["value_schema_id"], streamed
    assert streamed["value"]["type"] == "JSONSCHEMA"
    reader = JSONDeserializer(None, schema_registry_client=proxy.schemas)
    assert [reader(value, context(topic)) for _, value in proxy.bytes_of(topic, 2)] == [GOOD, GOOD]


def test_a_consumer_reads_what_confluents_serializer_wrote(proxy):
    topic = proxy.make_topic()
    writer = JSONSerializer(PIN, proxy.schemas)
    proxy.send(topic, (None, writer(GOOD, context(topic))))
    assert [r["value"] for r in proxy.consume("jsonschema", topic, 1)] == [GOOD]


@pytest.mark.parametrize("change", [
    {"index": "5"}, {"index": -1}, {"index": 1.5}, {"category": "No Good"}, {"category": "a" * 21},
    {"tags": ["a", "a"]}, {"tags": [1]}, {"place": {"country": "Italy"}}, {"more": 1},
])
def test_a_value_that_breaks_the_schema_is_refused(proxy, change):
    topic = proxy.make_topic()
    bad = {**GOOD, **change}
    answer = proxy.post("jsonschema", topic, status=422, value_schema=PIN, records=[{"value": bad}])
    assert answer["error_code"] == 42203, answer
    (answer,) = proxy.produce(topic, {"value": {"type": "JSONSCHEMA", "schema": PIN, "data": bad}})
    assert answer["error_code"] == 400, answer


def test_a_schema_may_refer_to_another_subject(proxy, registry):
    place, topic = fresh("place"), proxy.make_topic()
    registry.register(place, '{"type": "object", "required": ["c"]}', "JSON")
    number = registry.register(
        f"{topic}-value", '{"properties": {"p": {"$ref": "place.json"}}}', "JSON",
        [{"name": "place.json", "subject": place, "version": 1}])
    proxy.post("jsonschema", topic, value_schema_id=number, records=[{"value": {"p": {"c": 1}}}])
    answer = proxy.post("jsonschema", topic, status=422, value_schema_id=number, records=[{"value": {"p": {}}}])
    assert "required key [c] not found" in answer["message"]
