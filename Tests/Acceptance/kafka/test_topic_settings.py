"""Settings of topics take effect, and are changed one by one or all together; partitions and records come and go."""
import json

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ConfigSource, NewPartitions, NewTopic, ResourceType)

from harness import eventually

DEADLINE = 30
OLD = 1_600_000_000_000


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve(env={"PINLINE_LOG_RETENTION_CHECK_INTERVAL_MS": "100"})


@pytest.fixture(scope="module")
def admin(server):
    return AdminClient({"bootstrap.servers": server.kafka})


@pytest.fixture
def topic(request, admin):
    """Makes the test's own topic with settings, and returns its name."""
    def make(partitions=1, **settings):
        name = request.node.name.replace("test_", "")[:60]
        config = {key.replace("_", "."): str(value) for key, value in settings.items()}
        admin.create_topics([NewTopic(name, partitions, 1, config=config)])[name].result(DEADLINE)
        return name

    return make


def produce(server, topic, count, size=500, timestamp=0, partition=0):
    """The error of the last record, or None."""
    outcome = []
    producer = Producer({"bootstrap.servers": server.kafka, "batch.num.messages": 10})
    for number in range(count):
        value = json.dumps({"number": number, "filling": "x" * size})
        producer.produce(
            topic, value, partition=partition, timestamp=timestamp, on_delivery=lambda error, _: outcome.append(error))
        # What is appended at once is not parted into segments.
        if number % 10 == 9:
            producer.flush(DEADLINE)
    assert producer.flush(DEADLINE) == 0
    return outcome[-1]


def range_of(server, topic, partition=0):
    consumer = Consumer({"bootstrap.servers": server.kafka, "group.id": "none"})
    try:
        return consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=DEADLINE)
    finally:
        consumer.close()


def set_for_topic(admin, topic):
    resource = ConfigResource(ResourceType.TOPIC, topic)
    entries = admin.describe_configs([resource])[resource].result(DEADLINE)
    return {name: entry.value for name, entry in entries.items()
            if entry.source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value}


def change(admin, topic, *changes):
    entries = [ConfigEntry(name, value, incremental_operation=kind) for name, value, kind in changes]
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
    admin.incremental_alter_configs([resource])[resource].result(DEADLINE)


def test_a_record_larger_than_the_topic_allows_is_refused(server, admin, topic):
    name = topic(max_message_bytes=1000)
    assert produce(server, name, 1, 500) is None
    assert produce(server, name, 1, 2000).code() == KafkaError.MSG_SIZE_TOO_LARGE
    change(admin, name, ("max.message.bytes", "3000", AlterConfigOpType.SET))
    assert produce(server, name, 1, 2000) is None
    assert range_of(server, name) == (0, 2)


def test_the_oldest_segments_of_a_topic_that_is_too_large_go(server, topic):
    name = topic(segment_bytes=20_000, retention_bytes=60_000)
    produce(server, name, 400)
    low = eventually(lambda: range_of(server, name)[0], "nothing was deleted")
    assert range_of(server, name)[1] == 400
    # At least what is to be retained stays: a segment, which may end a batch late, goes only if the rest is large enough.
    eventually(lambda: range_of(server, name)[0] >= 400 - (60_000 + 20_000 + 6_000) // 500, "too much is left")
    assert low <= 400 - 60_000 // 700


def test_records_that_are_too_old_go_and_newer_ones_stay(server, admin, topic):
    name = topic(segment_bytes=20_000, retention_ms=-1)
    produce(server, name, 200, timestamp=OLD)
    produce(server, name, 10)
    assert range_of(server, name) == (0, 210)
    change(admin, name, ("retention.ms", "3600000", AlterConfigOpType.SET))
    # The segment being written holds old records beside the new ones.
    low = eventually(lambda: range_of(server, name)[0], "nothing was deleted")
    assert 0 < low <= 200 and range_of(server, name)[1] == 210


def test_settings_are_changed_one_by_one_or_replaced(admin, topic):
    name = topic(retention_ms=1000, segment_bytes=20_000)
    change(admin, name, ("retention.bytes", "5000", AlterConfigOpType.SET), ("segment.bytes", None, AlterConfigOpType.DELETE))
    assert set_for_topic(admin, name) == {"retention.ms": "1000", "retention.bytes": "5000"}
    change(admin, name, ("cleanup.policy", "compact", AlterConfigOpType.APPEND))
    assert set_for_topic(admin, name)["cleanup.policy"] == "delete,compact"
    change(admin, name, ("cleanup.policy", "delete", AlterConfigOpType.SUBTRACT))
    assert set_for_topic(admin, name)["cleanup.policy"] == "compact"
    resource = ConfigResource(ResourceType.TOPIC, name, set_config={"segment.ms": "60000"})
    admin.alter_configs([resource])[resource].result(DEADLINE)
    assert set_for_topic(admin, name) == {"segment.ms": "60000"}
    with pytest.raises(KafkaException) as refused:
        change(admin, name, ("segment.ms", "soon", AlterConfigOpType.SET))
    assert refused.value.args[0].code() == KafkaError.INVALID_CONFIG


def test_partitions_are_added_and_never_taken_away(server, admin, topic):
    name = topic(partitions=2)
    admin.create_partitions([NewPartitions(name, 5)])[name].result(DEADLINE)
    assert len(admin.list_topics(name, timeout=DEADLINE).topics[name].partitions) == 5
    assert produce(server, name, 1, partition=4) is None
    with pytest.raises(KafkaException) as refused:
        admin.create_partitions([NewPartitions(name, 3)])[name].result(DEADLINE)
    assert refused.value.args[0].code() == KafkaError.INVALID_PARTITIONS


def test_records_are_deleted_up_to_an_offset(server, admin, topic):
    name = topic()
    produce(server, name, 50)
    deletion = TopicPartition(name, 0, 20)
    assert admin.delete_records([deletion])[deletion].result(DEADLINE).low_watermark == 20
    assert range_of(server, name) == (20, 50)
    beyond = TopicPartition(name, 0, 51)
    with pytest.raises(KafkaException) as refused:
        admin.delete_records([beyond])[beyond].result(DEADLINE)
    assert refused.value.args[0].code() == KafkaError.OFFSET_OUT_OF_RANGE


def test_the_cluster_is_one_broker_that_controls_itself(server, admin):
    cluster = admin.describe_cluster(request_timeout=DEADLINE).result(DEADLINE)
    assert [f"{node.host}:{node.port}" for node in cluster.nodes] == [server.kafka]
    assert cluster.controller.id == cluster.nodes[0].id and cluster.cluster_id
