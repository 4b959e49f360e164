"""SubscribeToShard: what comes to a shard is pushed."""
import threading

import pytest

import harness
import reading


@pytest.fixture
def consumer(kinesis, stream):
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    made = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="fan")["Consumer"]
    assert made["ConsumerStatus"] == "ACTIVE" and made["ConsumerARN"].startswith(f"{arn}/consumer/fan:")
    return made["ConsumerARN"]


def subscribe(kinesis, consumer, position, shard="shardId-000000000000"):
    return kinesis.subscribe_to_shard(
        ConsumerARN=consumer, ShardId=shard, StartingPosition=position)["EventStream"]


def gather(events, count):
    """Records until there are so many."""
    records = []
    for event in events:
        records += event["SubscribeToShardEvent"]["Records"]
        if len(records) >= count:
            return records
    return records


def test_records_put_before_and_after_come_in_order(kinesis, stream, consumer):
    kinesis.put_records(StreamName=stream, Records=[{"Data": b"%d" % i, "PartitionKey": "k"} for i in range(10)])
    events = subscribe(kinesis, consumer, {"Type": "TRIM_HORIZON"})
    assert [r["Data"] for r in gather(events, 10)] == [b"%d" % i for i in range(10)]
    later = threading.Thread(target=lambda: [
        kinesis.put_record(StreamName=stream, Data=b"%d" % i, PartitionKey="k") for i in range(10, 20)])
    later.start()
    assert [r["Data"] for r in gather(events, 10)] == [b"%d" % i for i in range(10, 20)]
    later.join()
    events.close()


def test_a_subscription_goes_on_after_a_sequence_number(kinesis, stream, consumer):
    put = [kinesis.put_record(StreamName=stream, Data=b"%d" % i, PartitionKey="k") for i in range(4)]
    events = subscribe(
        kinesis, consumer,
        {"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": put[1]["SequenceNumber"]})
    first = next(iter(events))["SubscribeToShardEvent"]
    assert [r["Data"] for r in first["Records"]] == [b"2", b"3"]
    assert first["ContinuationSequenceNumber"] == put[3]["SequenceNumber"] and first["MillisBehindLatest"] == 0
    events.close()


def test_a_second_subscription_of_the_same_consumer_is_refused_at_first(kinesis, stream, consumer):
    events = subscribe(kinesis, consumer, {"Type": "LATEST"})
    with pytest.raises(kinesis.exceptions.ResourceInUseException):
        subscribe(kinesis, consumer, {"Type": "LATEST"})
    events.close()


def test_a_subscription_to_a_closed_shard_ends_with_its_children(kinesis, stream, consumer):
    kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="k")
    kinesis.split_shard(
        StreamName=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2 ** 127))
    events = [e["SubscribeToShardEvent"] for e in subscribe(kinesis, consumer, {"Type": "TRIM_HORIZON"})]
    assert [r["Data"] for e in events for r in e["Records"]] == [b"x"]
    assert [c["ShardId"] for c in events[-1]["ChildShards"]] == [
        "shardId-000000000001", "shardId-000000000002"]


def test_a_large_backlog_comes_whole(kinesis, stream, consumer):
    for start in range(0, 2000, 500):
        kinesis.put_records(StreamName=stream, Records=[
            {"Data": (b"%d " % i) * 1000, "PartitionKey": "k"} for i in range(start, start + 500)])
    events = subscribe(kinesis, consumer, {"Type": "TRIM_HORIZON"})
    assert [int(r["Data"].split()[0]) for r in gather(events, 2000)] == list(range(2000))
    events.close()


def test_consumers_are_listed_described_and_deregistered(kinesis, stream, consumer):
    arn = consumer.split("/consumer/")[0]
    for i in range(3):
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=f"more-{i}")
    names = [c["ConsumerName"] for page in kinesis.get_paginator("list_stream_consumers").paginate(
        StreamARN=arn, PaginationConfig={"PageSize": 2}) for c in page["Consumers"]]
    assert names == ["fan", "more-0", "more-1", "more-2"]
    assert kinesis.describe_stream_consumer(ConsumerARN=consumer)["ConsumerDescription"]["StreamARN"] == arn
    with pytest.raises(kinesis.exceptions.ResourceInUseException):
        kinesis.delete_stream(StreamName=stream)
    kinesis.deregister_stream_consumer(ConsumerARN=consumer)
    with pytest.raises(kinesis.exceptions.ResourceNotFoundException):
        kinesis.describe_stream_consumer(ConsumerARN=consumer)


def test_the_server_ends_though_a_client_subscribes(serve):
    from kinesis_clients import connect

    server = serve()
    kinesis = connect(server)
    kinesis.create_stream(StreamName="s", ShardCount=1)
    arn = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["StreamARN"]
    made = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="fan")["Consumer"]
    events = subscribe(kinesis, made["ConsumerARN"], {"Type": "LATEST"})
    assert next(iter(events))["SubscribeToShardEvent"]["Records"] == []
    assert server.stop() == 0
    harness.eventually(lambda: server.process.poll() is not None, "the server runs on")
    events.close()
