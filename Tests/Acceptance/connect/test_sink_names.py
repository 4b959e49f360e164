"""Objects' names: folders by partitioner, times with their zones, padding and delimiters."""
import datetime
import json
import zoneinfo

import pytest

import sink_client
from sink_client import HOURLY, LETTERS, PARTITIONERS, at

HOUR = 3_600_000
DAILY = {**HOURLY, "partitioner.class": f"{PARTITIONERS}.DailyPartitioner"}
FIELDS = {"partitioner.class": f"{PARTITIONERS}.FieldPartitioner", "value.converter.schemas.enable": "true"}
BY_FIELD = {**HOURLY, "timestamp.extractor": "RecordField"}


def timed(duration, pattern, timezone="UTC", **more):
    return {**HOURLY, "partitioner.class": f"{PARTITIONERS}.TimeBasedPartitioner",
            "partition.duration.ms": f"{duration}", "path.format": pattern, "timezone": timezone, **more}


def folders(sink):
    """The folders below the topic by offset, of a sink whose objects hold one record."""
    found = {}
    for key in sink.objects():
        folder, name = key.removeprefix(f"topics/{sink.topic}/").rsplit("/", 1)
        found[int(name[-15:-5])] = folder
    return [found.get(offset) for offset in range(max(found, default=-1) + 1)]


def stored_folders(sinks, config, records):
    """Of each record, one an object."""
    sink = sinks.make(config, flush_size="1")
    sink.produce(*records)
    sink.settle(read=len(records))
    return folders(sink)


def timestamps(*texts):
    return [{"value": "x", "timestamp": at(text)} for text in texts]


# ---- Names

# What is said, the configuration, and the name of the record at offset 11 of partition 0 of the topic T.
NAMES = [
    ("as it is", {}, "topics/T/partition=0/T+0+0000000011.json"),
    ("no padding", {"filename.offset.zero.pad.width": "0"}, "topics/T/partition=0/T+0+11.json"),
    ("less padding than digits", {"filename.offset.zero.pad.width": "1"}, "topics/T/partition=0/T+0+11.json"),
    ("some padding", {"filename.offset.zero.pad.width": "3"}, "topics/T/partition=0/T+0+011.json"),
    ("much padding", {"filename.offset.zero.pad.width": "24"}, f"topics/T/partition=0/T+0+{'0' * 22}11.json"),
    ("another folder", {"topics.dir": "raw"}, "raw/T/partition=0/T+0+0000000011.json"),
    ("folders within folders", {"topics.dir": "a/b.c"}, "a/b.c/T/partition=0/T+0+0000000011.json"),
    ("no folder", {"topics.dir": ""}, "T/partition=0/T+0+0000000011.json"),
    ("another delimiter of files", {"file.delim": "-"}, "topics/T/partition=0/T-0-0000000011.json"),
    ("a long one", {"file.delim": "__"}, "topics/T/partition=0/T__0__0000000011.json"),
    ("another delimiter of folders", {"directory.delim": "_"}, "topics_T_partition=0_T+0+0000000011.json"),
    ("delimiters in times", {**DAILY, "directory.delim": "_", "file.delim": "."},
     "topics_T_year=2024_month=05_day=01_T.0.0000000011.json"),
    ("bytes", {"format.class": sink_client.BYTES, "value.converter": f"{sink_client.CONNECT}.converters.ByteArrayConverter"},
     "topics/T/partition=0/T+0+0000000011.bin"),
    ("bytes with an extension", {
        "format.class": sink_client.BYTES, "value.converter": f"{sink_client.CONNECT}.converters.ByteArrayConverter",
        "format.bytearray.extension": "raw"}, "topics/T/partition=0/T+0+0000000011.raw"),
]


def test_each_part_of_a_name(sinks):
    made = []
    for _, config, _ in NAMES:
        made.append(sinks.make(config, flush_size="11"))
        made[-1].produce(*[{"value": n, "timestamp": at("2024-05-01T12:00:00")} for n in range(22)])
    for sink, (what, _, name) in zip(made, NAMES):
        sink.settle(read=22)
        assert len(sink.objects()) == 2 and name.replace("T", sink.topic) in sink.objects(), (what, sink.objects().keys())


def test_the_name_is_of_the_first_record_in_the_file(sinks):
    """Not of the first since the last commit: each folder's file has its own."""
    sink = sinks.make(HOURLY, partitions=3, flush_size="4")
    sink.produce(*[{"value": n, "partition": 2, "timestamp": at("2024-05-01T12:00:00") + n % 3 * HOUR} for n in range(4)])
    sink.settle(read=4, partition=2)
    day = "year=2024/month=05/day=01"
    assert sink.objects() == {
        sink.key(f"{day}/hour={12 + n}", n, partition=2): b"".join(b"%d\n" % m for m in range(4) if m % 3 == n)
        for n in range(3)}


# ---- Fields

def struct(types, **values):
    fields = [{"field": name, "type": kind, "optional": True} for name, kind in types.items() if isinstance(kind, str)]
    fields += [{"field": name, **kind} for name, kind in types.items() if not isinstance(kind, str)]
    return {"schema": {"type": "struct", "fields": fields}, "payload": {name: values.get(name) for name in types}}


INNER = {"type": "struct", "optional": True, "fields": [{"field": "c", "type": "string", "optional": True}]}


def test_fields_name_folders_in_the_order_given(sinks):
    types = {"a": "string", "b": "int32", "c": "boolean", "d": "int8", "e": "int16", "f": "int64"}
    records = [
        struct(types, a="Ünï x", b=-5, c=True, d=1, e=2, f=9_007_199_254_740_993),
        struct(types, a="", b=0, c=False), struct(types)]
    assert stored_folders(sinks, {**FIELDS, "partition.field.name": "b,a,c"}, records) == [
        "b=-5/a=Ünï x/c=true", "b=0/a=/c=false", "b=null/a=null/c=null"]
    assert stored_folders(sinks, {**FIELDS, "partition.field.name": "f , e,d"}, records[:1]) == [
        "f=9007199254740993/e=2/d=1"]


def test_a_nested_field_names_folders_by_its_whole_name(sinks):
    record = struct({"a": INNER, "n": "int32"}, a={"c": "art"}, n=1)
    assert stored_folders(sinks, {**FIELDS, "partition.field.name": "a.c,n"}, [record]) == ["a.c=art/n=1"]


@pytest.mark.parametrize("value, words", [
    (struct({"a": "float"}, a=1.5), "not supported as a partition key"),
    (struct({"a": "bytes"}, a="AA=="), "not supported as a partition key"),
    (struct({"a": INNER}, a={"c": "x"}), "not supported as a partition key"),
    (struct({"b": "string"}, b="x"), "does not exist"),
    ({"schema": {"type": "string"}, "payload": "x"}, "struct"),
    ({"schema": {"type": "map", "keys": {"type": "string"}, "values": {"type": "string"}}, "payload": {"a": "x"}}, "struct"),
    ({"schema": None, "payload": {"a": "x"}}, "struct"),
], ids=["float", "bytes", "struct", "missing", "text", "map", "no-schema"])
def test_values_that_give_no_field_end_the_task(sinks, value, words):
    sink = sinks.make({**FIELDS, "partition.field.name": "a"}, records=[value])
    assert words in sink.failure() and sink.objects() == {}


def test_schemaless_maps_have_no_fields_either(sinks):
    sink = sinks.make({**FIELDS, "partition.field.name": "a", "value.converter.schemas.enable": "false"})
    sink.produce({"value": {"a": "x"}})
    assert "struct" in sink.failure()


# ---- Times

ZONES = {
    "UTC": ["2024-05-01T12:34:56", "1970-01-01T00:00:01", "2024-02-29T23:59:59", "2024-12-31T23:59:59.999"],
    "Asia/Kolkata": ["2024-05-01T18:29:59", "2024-05-01T18:30:00", "2024-05-01T18:31:00"],
    "Pacific/Chatham": ["2024-05-01T11:14:59", "2024-05-01T11:15:00", "2024-04-06T14:30:00"],
    "-03:30": ["2024-05-01T03:29:59", "2024-05-01T03:30:00"],
    "America/New_York": [
        "2024-03-10T04:59:59", "2024-03-10T05:00:00", "2024-03-10T06:59:59", "2024-03-10T07:00:00",
        "2024-11-03T03:59:59", "2024-11-03T04:00:00", "2024-11-03T05:30:00", "2024-11-03T06:30:00", "2024-11-03T07:00:00"],
    "Europe/London": [
        "2024-03-30T23:59:59", "2024-03-31T00:00:00", "2024-03-31T00:59:59", "2024-03-31T01:00:00", "2024-03-31T22:59:59",
        "2024-03-31T23:00:00", "2024-10-26T22:59:59", "2024-10-26T23:00:00", "2024-10-27T00:59:59", "2024-10-27T01:00:00",
        "2024-10-27T23:59:59", "2024-10-28T00:00:00"],
    "America/Sao_Paulo": ["2018-11-04T02:59:59", "2018-11-04T03:00:00", "2019-02-17T01:59:59", "2019-02-17T02:30:00"],
    "Pacific/Apia": ["2011-12-30T09:59:59", "2011-12-30T10:00:00"],
    "Australia/Lord_Howe": ["2024-04-06T14:59:59", "2024-04-06T15:00:00", "2024-10-05T15:29:59", "2024-10-05T15:30:00"],
}


def zoned(zone, text):
    offset = zone[0] in "+-" and datetime.datetime.fromisoformat(f"2024-01-01T00:00:00{zone}").tzinfo
    return datetime.datetime.fromtimestamp(at(text) / 1000, datetime.timezone.utc).astimezone(
        offset or zoneinfo.ZoneInfo(zone))


def test_hours_and_days_are_those_that_clocks_show_in_the_zone(sinks):
    """Compared with Python's own calendar, round each change of clocks and each midnight."""
    made = {}
    for zone, texts in ZONES.items():
        for kind, config in (("hour", HOURLY), ("day", DAILY)):
            sink = made[zone, kind] = sinks.make({**config, "timezone": zone}, flush_size="1")
            sink.produce(*timestamps(*texts))
    for (zone, kind), sink in made.items():
        texts = ZONES[zone]
        sink.settle(read=len(texts))
        pattern = "year=%Y/month=%m/day=%d" + ("/hour=%H" if kind == "hour" else "")
        assert folders(sink) == [zoned(zone, text).strftime(pattern) for text in texts], (zone, kind)


def test_an_hour_that_comes_twice_is_one_folder_and_one_file(sinks):
    config = {**HOURLY, "timezone": "Europe/London", "rotate.interval.ms": f"{10 * HOUR}"}
    sink = sinks.make(config)
    sink.produce_at(*(at(f"2024-10-27T0{n}:30:00") for n in range(4)))
    day = "year=2024/month=10/day=27"
    sink.expect((f"{day}/hour=01", [0, 1]), (f"{day}/hour=02", [2]), read=4, stored=3)


# What is said, the configuration, the times, and their folders.
TIMES = [
    ("minutes", timed(60_000, "HH/mm"), ["2024-05-01T12:34:56", "2024-05-01T12:35:00"], ["12/34", "12/35"]),
    ("quarters of an hour", timed(900_000, "HH-mm"), ["2024-05-01T12:14:59", "2024-05-01T12:15:00", "2024-05-01T12:59:00"],
     ["12-00", "12-15", "12-45"]),
    ("durations count by the zone's clocks", timed(6 * HOUR, "dd/HH", "Asia/Kolkata"),
     ["2024-05-01T00:29:00", "2024-05-01T00:30:00", "2024-05-01T12:29:59", "2024-05-01T12:30:00"],
     ["01/00", "01/06", "01/12", "01/18"]),
    ("durations over a change of clocks", timed(6 * HOUR, "dd/HH", "Europe/London"),
     ["2024-03-31T00:59:00", "2024-03-31T04:59:59", "2024-03-31T05:00:00", "2024-03-31T17:00:00"],
     ["31/00", "31/00", "31/06", "31/18"]),
    ("a delimiter at the end is left out", timed(HOUR, "'y'=YYYY/"), ["2024-05-01T12:00:00"], ["y=2024"]),
    ("several are too", timed(HOUR, "'y'=YYYY///"), ["2024-05-01T12:00:00"], ["y=2024"]),
    ("names of months and days", timed(HOUR, "EEEE/MMM/e/D"), ["2024-05-01T12:00:00"], ["Wednesday/May/3/122"]),
    ("in another language", timed(HOUR, "EEEE/MMMM", locale="de-DE"), ["2024-03-05T12:00:00"], ["Dienstag/März"]),
    ("quotes and zones", timed(HOUR, "'it''s' Z", "Europe/London"), ["2024-05-01T12:00:00"], ["it's +0100"]),
    ("half days", timed(HOUR, "h a", locale="en-US"), ["2024-05-01T12:00:00", "2024-05-01T00:00:00"], ["12 PM", "12 AM"]),
]


def test_each_pattern_of_times(sinks):
    for what, config, texts, wanted in TIMES:
        assert stored_folders(sinks, config, timestamps(*texts)) == wanted, what


# ---- Times of fields

FIELD_TIMES = [
    (1714564800000, 12), ("1714564800000", 12), ("2024-05-01T12:00:00Z", 12), ("2024-05-01T12:00:00+02:00", 10),
    ("2024-05-01T12:00:00.123456Z", 12), ("2024-05-01T12:00:00", 12), ("2024-05-01", 0), ("2024-05-01T12:59", 12),
]


def test_a_field_gives_the_time_in_each_form(sinks):
    records = [{"timestamp": value} for value, _ in FIELD_TIMES]
    found = stored_folders(sinks, BY_FIELD, [{"value": record} for record in records])
    assert found == [f"year=2024/month=05/day=01/hour={hour:02}" for _, hour in FIELD_TIMES]


def test_a_negative_number_is_before_1970(sinks):
    found = stored_folders(sinks, {**BY_FIELD, "timestamp.field": "a.b"}, [
        {"value": {"a": {"b": value}}} for value in (-1, "-3600001", 0)])
    assert found == [f"year={folder}" for folder in (
        "1969/month=12/day=31/hour=23", "1969/month=12/day=31/hour=22", "1970/month=01/day=01/hour=00")]


def test_a_date_of_connects_own_type_gives_the_time(sinks):
    schema = {"type": "struct", "fields": [
        {"field": "timestamp", "type": "int64", "name": "org.apache.kafka.connect.data.Timestamp", "version": 1}]}
    record = {"schema": schema, "payload": {"timestamp": at("2024-05-01T12:00:00")}}
    config = {**BY_FIELD, "value.converter.schemas.enable": "true"}
    assert stored_folders(sinks, config, [record]) == ["year=2024/month=05/day=01/hour=12"]


NO_TIMES = [{"timestamp": None}, {}, {"timestamp": ""}, {"timestamp": "yesterday"}, {"timestamp": True},
            {"timestamp": [1]}, {"timestamp": "12345678901234567890"}, "no map"]


@pytest.mark.parametrize("value", NO_TIMES, ids=json.dumps)
def test_a_field_without_a_time_ends_the_task(sinks, value):
    sink = sinks.make(BY_FIELD)
    sink.produce({"value": value})
    assert "timestamp" in sink.failure() and sink.objects() == {}


def test_fields_without_a_time_are_set_aside_with_a_dead_letter_topic(sinks):
    sink = sinks.make({**BY_FIELD, **LETTERS}, errors_deadletterqueue_topic_name="letters.times", flush_size="2")
    good = {"value": {"timestamp": "2024-05-01T12:00:00Z"}}
    sink.produce(good, *({"value": value} for value in NO_TIMES), good)
    sink.settle(read=len(NO_TIMES) + 2)
    line = b'{"timestamp":"2024-05-01T12:00:00Z"}\n'
    assert sink.objects() == {sink.key("year=2024/month=05/day=01/hour=12", 0): line * 2}


# ---- Records without a time

def test_a_record_without_a_time_ends_the_task(sinks):
    sink = sinks.make(HOURLY)
    sink_client.produce_without_time(sinks.server.kafka, sink.topic, b"1")
    assert "timestamp" in sink.failure() and sink.objects() == {}


def test_a_record_without_a_time_is_set_aside_with_a_dead_letter_topic(sinks):
    sink = sinks.make({**HOURLY, **LETTERS}, errors_deadletterqueue_topic_name="letters.null-times", flush_size="2")
    sink.produce_at(at("2024-05-01T12:00:00"))
    sink_client.produce_without_time(sinks.server.kafka, sink.topic, b"1")
    sink.produce({"value": 2, "timestamp": at("2024-05-01T12:00:00")})
    sink.expect(("year=2024/month=05/day=01/hour=12", [0, 2]), read=3, stored=3, open_records=0)


def test_a_record_without_a_time_is_stored_where_no_time_is_asked_for(sinks):
    sink = sinks.make(flush_size="1")
    sink_client.produce_without_time(sinks.server.kafka, sink.topic, b"0")
    sink.expect(("partition=0", [0]), read=1)
