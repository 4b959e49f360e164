"""A whole life of a stream, as boto3 sees it."""
import datetime
import hashlib

import pytest

import reading
from kinesis_clients import ACCOUNT, connect

ALL_KEYS = 2 ** 128


def test_a_stream_from_its_creation_to_its_deletion(kinesis):
    kinesis.create_stream(StreamName="life", ShardCount=2, Tags={"team": "pins"})
    kinesis.get_waiter("stream_exists").wait(StreamName="life", WaiterConfig={"Delay": 1})
    one = kinesis.put_record(StreamName="life", Data=b"one", PartitionKey="a")
    many = kinesis.put_records(
        StreamName="life", Records=[{"Data": b"%d" % i, "PartitionKey": f"key-{i}"} for i in range(500)])
    assert many["FailedRecordCount"] == 0 and len(many["Records"]) == 500
    assert "life" in kinesis.list_streams()["StreamNames"]

    half = ALL_KEYS // 4
    kinesis.split_shard(StreamName="life", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(half))
    kinesis.put_records(
        StreamName="life", Records=[{"Data": b"after %d" % i, "PartitionKey": f"key-{i}"} for i in range(100)])
    kinesis.merge_shards(
        StreamName="life", ShardToMerge="shardId-000000000003", AdjacentShardToMerge="shardId-000000000001")
    found = {s["ShardId"]: s for s in reading.shards(kinesis, "life")}
    assert len(found) == 5
    assert found["shardId-000000000004"]["ParentShardId"] == "shardId-000000000003"
    assert found["shardId-000000000004"]["AdjacentParentShardId"] == "shardId-000000000001"
    ended = {i for i, s in found.items() if "EndingSequenceNumber" in s["SequenceNumberRange"]}
    assert ended == {f"shardId-00000000000{i}" for i in (0, 1, 3)}

    records = reading.all_records(kinesis, "life")
    assert sorted(r["Data"] for r in records) == sorted(
        [b"one"] + [b"%d" % i for i in range(500)] + [b"after %d" % i for i in range(100)])
    numbers = {r["SequenceNumber"] for r in records}
    assert one["SequenceNumber"] in numbers and {r["SequenceNumber"] for r in many["Records"]} <= numbers

    kinesis.delete_stream(StreamName="life")
    assert "life" not in kinesis.list_streams()["StreamNames"]
    with pytest.raises(kinesis.exceptions.ResourceNotFoundException) as gone:
        kinesis.describe_stream(StreamName="life")
    assert gone.value.response["Error"]["Message"] == f"Stream life under account {ACCOUNT} not found."


def test_each_record_lies_in_the_shard_of_its_hash_key(kinesis):
    kinesis.create_stream(StreamName="hashed", ShardCount=3)
    ranges = {s["ShardId"]: s["HashKeyRange"] for s in reading.shards(kinesis, "hashed")}
    assert ranges["shardId-000000000001"]["StartingHashKey"] == str(ALL_KEYS // 3)
    assert ranges["shardId-000000000002"]["EndingHashKey"] == str(ALL_KEYS - 1)
    answer = kinesis.put_records(
        StreamName="hashed", Records=[{"Data": b"x", "PartitionKey": f"k{i}ä"} for i in range(100)] + [
            {"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": str(ALL_KEYS - 1)}])
    for i, record in enumerate(answer["Records"][:100]):
        key = int(hashlib.md5(f"k{i}ä".encode()).hexdigest(), 16)
        span = ranges[record["ShardId"]]
        assert int(span["StartingHashKey"]) <= key <= int(span["EndingHashKey"])
    assert answer["Records"][100]["ShardId"] == "shardId-000000000002"


def test_sequence_numbers_grow_within_a_shard_and_past_its_parents(kinesis, stream):
    def put():
        return kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="k")["SequenceNumber"]

    numbers = [put(), put()]
    for shard in ("shardId-000000000000", "shardId-000000000001"):
        span = [s for s in reading.shards(kinesis, stream) if s["ShardId"] == shard][0]["HashKeyRange"]
        middle = (int(span["StartingHashKey"]) + int(span["EndingHashKey"])) // 2
        kinesis.split_shard(StreamName=stream, ShardToSplit=shard, NewStartingHashKey=str(middle))
        numbers += [put(), put()]
    assert [int(n) for n in numbers] == sorted({int(n) for n in numbers})
    assert all(len(n) == 56 and n.startswith("49") for n in numbers)


@pytest.mark.parametrize("kind, first", [
    ("TRIM_HORIZON", 0), ("AT_SEQUENCE_NUMBER", 3), ("AFTER_SEQUENCE_NUMBER", 4), ("LATEST", 6)])
def test_an_iterator_begins_where_its_type_says(kinesis, stream, kind, first):
    put = [kinesis.put_record(StreamName=stream, Data=b"%d" % i, PartitionKey="k") for i in range(6)]
    more = {"StartingSequenceNumber": put[3]["SequenceNumber"]} if kind.endswith("NUMBER") else {}
    place = reading.iterator(kinesis, stream, kind=kind, **more)
    kinesis.put_record(StreamName=stream, Data=b"6", PartitionKey="k")
    assert [r["Data"] for r in reading.from_iterator(kinesis, place, limit=2)[0]] == [
        b"%d" % i for i in range(first, 7)]


def test_an_iterator_at_a_timestamp_finds_the_next_record(kinesis, stream):
    kinesis.put_record(StreamName=stream, Data=b"early", PartitionKey="k")
    early = reading.shard_records(kinesis, stream)[0]["ApproximateArrivalTimestamp"]
    while True:
        kinesis.put_record(StreamName=stream, Data=b"late", PartitionKey="k")
        late = reading.shard_records(kinesis, stream)[-1]["ApproximateArrivalTimestamp"]
        if late > early:
            break
    place = reading.iterator(kinesis, stream, kind="AT_TIMESTAMP", Timestamp=late)
    assert {r["Data"] for r in reading.from_iterator(kinesis, place)[0]} == {b"late"}
    assert abs((late - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) < 60


def test_a_closed_shard_ends_and_names_its_children(kinesis, stream):
    kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="k")
    kinesis.split_shard(
        StreamName=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(ALL_KEYS // 2))
    records, last = reading.from_iterator(kinesis, reading.iterator(kinesis, stream))
    assert len(records) == 1 and "NextShardIterator" not in last and last["MillisBehindLatest"] == 0
    assert [(c["ShardId"], c["ParentShards"]) for c in last["ChildShards"]] == [
        ("shardId-000000000001", ["shardId-000000000000"]), ("shardId-000000000002", ["shardId-000000000000"])]


def test_a_stream_is_scaled_up_and_down_with_its_records_readable(kinesis, stream):
    for count, total in ((2, 3), (3, 9), (1, 13)):
        answer = kinesis.update_shard_count(
            StreamName=stream, TargetShardCount=count, ScalingType="UNIFORM_SCALING")
        assert answer["TargetShardCount"] == count
        kinesis.put_records(
            StreamName=stream, Records=[{"Data": b"x", "PartitionKey": str(i)} for i in range(20)])
        assert kinesis.describe_stream_summary(
            StreamName=stream)["StreamDescriptionSummary"]["OpenShardCount"] == count
    assert len(reading.all_records(kinesis, stream)) == 60
    open_shards = reading.shards(kinesis, stream, ShardFilter={"Type": "AT_LATEST"})
    assert len(open_shards) == 1
    assert open_shards[0]["HashKeyRange"] == {"StartingHashKey": "0", "EndingHashKey": str(ALL_KEYS - 1)}


def test_retention_follows_to_the_topic(kinesis, stream, server):
    from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

    kinesis.increase_stream_retention_period(StreamName=stream, RetentionPeriodHours=48)
    description = kinesis.describe_stream(StreamName=stream)["StreamDescription"]
    assert description["RetentionPeriodHours"] == 48
    admin = KafkaAdminClient(bootstrap_servers=server.kafka)
    answer = str(admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, stream)]))
    admin.close()
    assert str(48 * 3600 * 1000) in answer
    with pytest.raises(kinesis.exceptions.InvalidArgumentException):
        kinesis.decrease_stream_retention_period(StreamName=stream, RetentionPeriodHours=72)
    kinesis.decrease_stream_retention_period(StreamName=stream, RetentionPeriodHours=24)


def test_tags_are_kept_and_listed_in_pages(kinesis, stream):
    kinesis.add_tags_to_stream(StreamName=stream, Tags={f"tag{i}": str(i) for i in range(5)})
    kinesis.remove_tags_from_stream(StreamName=stream, TagKeys=["tag0"])
    page = kinesis.list_tags_for_stream(StreamName=stream, Limit=3)
    assert [t["Key"] for t in page["Tags"]] == ["tag1", "tag2", "tag3"] and page["HasMoreTags"]
    rest = kinesis.list_tags_for_stream(StreamName=stream, ExclusiveStartTagKey="tag3")
    assert rest["Tags"] == [{"Key": "tag4", "Value": "4"}] and not rest["HasMoreTags"]
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    kinesis.tag_resource(ResourceARN=arn, Tags={"more": "1"})
    assert {"Key": "more", "Value": "1"} in kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"]


def test_streams_are_listed_in_pages(kinesis):
    names = [f"page-{i}" for i in range(5)]
    for name in names:
        kinesis.create_stream(StreamName=name, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    listed = [n for page in kinesis.get_paginator("list_streams").paginate(PaginationConfig={"PageSize": 2})
              for n in page["StreamNames"]]
    assert [n for n in listed if n.startswith("page-")] == names and listed == sorted(listed)
    assert len(reading.shards(kinesis, "page-0", PaginationConfig={"PageSize": 3})) == 4
    for name in names:
        kinesis.delete_stream(StreamName=name)


def test_regions_are_name_spaces(kinesis, server):
    elsewhere = connect(server, "eu-central-1")
    for client, data in ((kinesis, b"here"), (elsewhere, b"there")):
        client.create_stream(StreamName="both", ShardCount=1)
        client.put_record(StreamName="both", Data=data, PartitionKey="k")
    assert [r["Data"] for r in reading.all_records(kinesis, "both")] == [b"here"]
    assert [r["Data"] for r in reading.all_records(elsewhere, "both")] == [b"there"]
    assert elsewhere.list_streams()["StreamNames"] == ["both"]
    arn = elsewhere.describe_stream_summary(StreamName="both")["StreamDescriptionSummary"]["StreamARN"]
    assert arn == f"arn:aws:kinesis:eu-central-1:{ACCOUNT}:stream/both"
    elsewhere.delete_stream(StreamName="both")
    assert [r["Data"] for r in reading.all_records(kinesis, "both")] == [b"here"]


def test_what_is_known_of_a_stream_outlives_a_restart(serve):
    server = serve()
    kinesis = connect(server)
    kinesis.create_stream(StreamName="kept", ShardCount=2, Tags={"a": "b"})
    put = kinesis.put_record(StreamName="kept", Data=b"x", PartitionKey="k")
    kinesis.merge_shards(
        StreamName="kept", ShardToMerge="shardId-000000000000", AdjacentShardToMerge="shardId-000000000001")
    place = reading.iterator(kinesis, "kept", put["ShardId"])
    before = kinesis.describe_stream(StreamName="kept")["StreamDescription"]
    server.stop()
    server.start()
    kinesis = connect(server)
    assert kinesis.describe_stream(StreamName="kept")["StreamDescription"] == before
    assert kinesis.list_tags_for_stream(StreamName="kept")["Tags"] == [{"Key": "a", "Value": "b"}]
    records, _ = reading.from_iterator(kinesis, place)
    assert [r["SequenceNumber"] for r in records] == [put["SequenceNumber"]]
