"""What one interface writes the others read: streams are topics, shards partitions."""
import json

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

import reading


def test_a_topic_posted_to_by_rest_is_a_stream(kinesis, server):
    server.post("posted.here", {"a": 1}, {"a": 2})
    assert "posted.here" in kinesis.list_streams()["StreamNames"]
    records = reading.all_records(kinesis, "posted.here")
    assert [json.loads(r["Data"]) for r in records] == [{"a": 1}, {"a": 2}]
    answer = kinesis.put_record(StreamName="posted.here", Data=b'{"a": 3}', PartitionKey="k")
    assert answer["ShardId"] == "shardId-000000000000"
    assert len(reading.all_records(kinesis, "posted.here")) == 3


def test_records_of_kinesis_are_read_by_kafka_clients_with_key_and_value(kinesis, server):
    kinesis.create_stream(StreamName="to-kafka", ShardCount=2)
    put = kinesis.put_records(
        StreamName="to-kafka", Records=[{"Data": b"v%d" % i, "PartitionKey": f"k{i}"} for i in range(20)])
    consumer = KafkaConsumer(bootstrap_servers=server.kafka, auto_offset_reset="earliest", consumer_timeout_ms=3000)
    consumer.assign([TopicPartition("to-kafka", i) for i in range(2)])
    got = {(r.partition, r.key, r.value) for r in consumer}
    consumer.close()
    assert got == {(int(r["ShardId"][-12:]), b"k%d" % i, b"v%d" % i) for i, r in enumerate(put["Records"])}


def test_records_of_kafka_clients_are_read_from_shards(kinesis, server):
    kinesis.create_stream(StreamName="from-kafka", ShardCount=2)
    producer = KafkaProducer(bootstrap_servers=server.kafka)
    for i in range(10):
        producer.send("from-kafka", key=b"k%d" % i, value=b"v%d" % i, partition=i % 2)
    producer.close()
    got = {(s, r["PartitionKey"], r["Data"]) for s in (0, 1)
           for r in reading.shard_records(kinesis, "from-kafka", f"shardId-{s:012}")}
    assert got == {(i % 2, f"k{i}", b"v%d" % i) for i in range(10)}
