"""Protobuf through both versions of REST Proxy, with Google's library and Confluent's serializers on the other side."""
import importlib
import sys
from pathlib import Path

import pytest
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import json_format
from grpc_tools import protoc

from schema_clients import fresh

PIN = """
syntax = "proto3";
package pins;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/field_mask.proto";

// The first message is the one that is written.
message Pin {
  option deprecated = false;
  int32 index = 1;
  int64 followers = 2;
  uint32 u32 = 3; uint64 u64 = 4; sint32 s32 = 5; sint64 s64 = 6;
  fixed32 f32 = 7; fixed64 f64 = 8; sfixed32 sf32 = 9; sfixed64 sf64 = 10;
  float ratio = 11; double score = 12; bool is_saved = 13;
  string title = 14; bytes raw_bytes = 15;
  Kind kind = 16;
  repeated int32 packed_numbers = 17;
  repeated int32 loose_numbers = 18 [packed = false];
  repeated string tags = 19;
  map<string, Place> places = 20;
  map<int32, bool> flags = 21;
  Place place = 22;
  oneof source { string url = 23; Place from_place = 24; int64 number = 25; }
  optional int32 maybe = 26;
  google.protobuf.Timestamp saved_at = 27;
  google.protobuf.Duration took = 28;
  google.protobuf.Struct more = 29;
  google.protobuf.Value anything = 30;
  google.protobuf.Int64Value wrapped = 31;
  google.protobuf.StringValue wrapped_text = 32 [json_name = "wrappedText"];
  google.protobuf.FieldMask mask = 33;
  Pin parent = 34;
  repeated Kind kinds = 35;
  repeated Place list = 36;
  google.protobuf.ListValue values = 37;
  enum Kind { UNKNOWN = 0; IMAGE = 1; VIDEO = 2; }
  message Place { string country = 1; double latitude = 2; repeated Place inner = 3; }
  reserved 100 to 110, 120; reserved "old";
}

message Other { message Inner { message Deep { int32 x = 1; } } }
"""

OLD = """
syntax = "proto2";
package old;
message Item {
  required int32 id = 1;
  optional string name = 2 [default = "none"];
  optional Color color = 3 [default = BLUE];
  repeated int32 numbers = 4;
  repeated int32 packed = 5 [packed = true];
  optional group Extra = 6 { optional int32 depth = 1; }
  optional double ratio = 7 [default = 1.5];
  enum Color { RED = 1; BLUE = 2; }
  extensions 100 to max;
}
"""

PINS = [
    {},
    {"index": 7, "followers": "12000000000", "u32": 4294967295, "u64": "18446744073709551615", "s32": -5,
     "s64": "-9223372036854775808", "f32": 5, "f64": "6", "sf32": -7, "sf64": "-8", "ratio": 0.5,
     "score": -1.25, "isSaved": True, "title": "Grüße", "rawBytes": "AP9h", "kind": "VIDEO",
     "packedNumbers": [1, -2, 300], "looseNumbers": [4, 5], "tags": ["a", ""],
     "places": {"x": {"country": "Peru", "latitude": -12.5}, "y": {}}, "flags": {"1": True, "-2": False},
     "place": {"country": "France", "inner": [{"country": "a", "inner": [{}]}]}, "url": "http://a", "maybe": 0,
     "savedAt": "2021-02-05T19:14:42.123Z", "took": "-1.500s",
     "more": {"a": [1, "x", None, True, {"b": {}}], "c": None}, "anything": [1.5, "y"], "wrapped": "0",
     "wrappedText": "w", "mask": "fooBar,baz", "parent": {"index": 1, "fromPlace": {}}, "kinds": ["IMAGE", 9],
     "list": [{}, {"country": "c"}], "values": [None, "z"]},
    {"score": "NaN", "ratio": "-Infinity", "number": "0", "anything": None, "savedAt": "0001-01-01T00:00:00Z",
     "took": "0.000000001s", "kind": "IMAGE"},
]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Google's classes for the schemas above."""
    folder = tmp_path_factory.mktemp("proto")
    include = Path(protoc.__file__).parent / "_proto"
    for name, text in (("pins", PIN), ("old", OLD)):
        (folder / f"{name}.proto").write_text(text)
        assert protoc.main(["", f"-I{folder}", f"-I{include}", f"--python_out={folder}", f"{name}.proto"]) == 0
    sys.path.insert(0, str(folder))
    yield {"pins": importlib.import_module("pins_pb2"), "old": importlib.import_module("old_pb2")}
    sys.path.remove(str(folder))


def context(topic):
    return SerializationContext(topic, MessageField.VALUE)


def body(data):
    """The message behind the schema's id and the zero that stands for the first message."""
    assert data[0] == 0 and data[5] == 0
    return data[6:]


def plain(message):
    """As Python has it: what is not a number equals nothing, so that it is told as text."""
    return json_format.MessageToDict(message, always_print_fields_with_no_presence=True)


def test_googles_library_reads_what_both_versions_wrote(proxy, library):
    topic = proxy.make_topic()
    proxy.post("protobuf", topic, value_schema=PIN, records=[{"value": pin} for pin in PINS])
    answers = proxy.produce(
        topic, *({"value": {"type": "PROTOBUF", "schema": PIN, "data": pin}} for pin in PINS))
    assert [a["error_code"] for a in answers] == [200] * len(PINS), answers
    for (_, data), pin in zip(proxy.bytes_of(topic, 2 * len(PINS)), PINS + PINS):
        wanted = json_format.ParseDict(pin, library["pins"].Pin())
        assert plain(library["pins"].Pin.FromString(body(data))) == plain(wanted)


def test_confluents_deserializer_reads_them(proxy, library):
    topic = proxy.make_topic()
    proxy.post("protobuf", topic, value_schema=PIN, records=[{"value": PINS[1]}])
    ((_, data),) = proxy.bytes_of(topic, 1)
    reader = ProtobufDeserializer(library["pins"].Pin, {"use.deprecated.format": False}, proxy.schemas)
    assert plain(reader(data, context(topic))) == plain(json_format.ParseDict(PINS[1], library["pins"].Pin()))


def test_a_consumer_reads_what_googles_library_wrote(proxy, library, registry):
    topic = proxy.make_topic()
    number = registry.register(f"{topic}-value", PIN, "PROTOBUF")
    head = b"\0" + number.to_bytes(4, "big")
    messages = [json_format.ParseDict(pin, library["pins"].Pin()) for pin in PINS]
    proxy.send(topic, *((None, head + b"\0" + m.SerializeToString()) for m in messages))
    records = proxy.consume("protobuf", topic, len(PINS))
    for record, message in zip(records, messages):
        assert record["value"] == plain(message)
        assert json_format.ParseDict(record["value"], library["pins"].Pin()).SerializeToString(
            deterministic=True) == message.SerializeToString(deterministic=True)


def test_a_consumer_reads_what_confluents_serializer_wrote(proxy, library):
    topic = proxy.make_topic()
    writer = ProtobufSerializer(library["pins"].Pin, proxy.schemas, {"use.deprecated.format": False})
    message = library["pins"].Pin(index=3, title="t")
    proxy.send(topic, (None, writer(message, context(topic))))
    deep = ProtobufSerializer(library["pins"].Other.Inner.Deep, proxy.schemas, {"use.deprecated.format": False})
    proxy.send(topic, (None, deep(library["pins"].Other.Inner.Deep(x=5), context(topic))))
    first, second = proxy.consume("protobuf", topic, 2)
    assert (first["value"]["index"], first["value"]["title"], first["value"]["followers"]) == (3, "t", "0")
    assert second["value"] == {"x": 5}


def test_proto2_has_defaults_groups_and_required_fields(proxy, library):
    topic = proxy.make_topic()
    values = [{"id": 1}, {"id": 2, "name": "", "color": "RED", "numbers": [1, 2], "packed": [3, 4],
                          "extra": {"depth": 5}}]
    proxy.post("protobuf", topic, value_schema=OLD, records=[{"value": value} for value in values])
    found = [library["old"].Item.FromString(body(data)) for _, data in proxy.bytes_of(topic, 2)]
    assert found == [json_format.ParseDict(value, library["old"].Item()) for value in values]
    assert [r["value"] for r in proxy.consume("protobuf", topic, 2)] == [
        {"id": 1, "name": "none", "color": "BLUE", "numbers": [], "packed": [], "ratio": 1.5},
        {**values[1], "ratio": 1.5}]
    answer = proxy.post("protobuf", topic, status=422, value_schema=OLD, records=[{"value": {}}])
    assert answer["error_code"] == 42203 and "required" in answer["message"]


@pytest.mark.parametrize("value", [
    {"unknown": 1}, {"index": "x"}, {"index": 2147483648}, {"index": 1.5}, {"u32": -1}, {"isSaved": 1},
    {"title": 5}, {"rawBytes": "?"}, {"kind": "NONE"}, {"tags": "a"}, {"tags": [None]}, {"flags": {"x": True}},
    {"url": "a", "number": "1"}, {"savedAt": "yesterday"}, {"took": "5"}, {"place": []}, {"ratio": 1e300}, [], "x",
])
def test_a_value_that_is_none_of_the_messages_is_refused(proxy, value):
    topic = proxy.make_topic()
    answer = proxy.post("protobuf", topic, status=422, value_schema=PIN, records=[{"value": value}])
    assert answer["error_code"] == 42203, answer


def test_imports_are_found_by_the_references(proxy, registry):
    common, topic = fresh("common"), proxy.make_topic()
    registry.register(
        common, 'syntax = "proto3"; package c; message Place { string country = 1; }', "PROTOBUF")
    number = registry.register(
        f"{topic}-value",
        'syntax = "proto3"; import "c/place.proto"; message Pin { c.Place place = 1; repeated .c.Place more = 2; }',
        "PROTOBUF", [{"name": "c/place.proto", "subject": common, "version": 1}])
    value = {"place": {"country": "Peru"}, "more": [{"country": ""}]}
    proxy.post("protobuf", topic, value_schema_id=number, records=[{"value": value}])
    assert [r["value"] for r in proxy.consume("protobuf", topic, 1)] == [value]
    answer = proxy.post(
        "protobuf", topic, status=422, records=[{"value": {}}],
        value_schema='syntax = "proto3"; import "none.proto"; message Pin {}')
    assert answer["error_code"] == 42205
