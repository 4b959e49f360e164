"""Consumer groups as REST Proxy v3 tells of them, while a Kafka client reads."""
import pytest
from confluent_kafka import Consumer, TopicPartition

from harness import eventually
from proxy import DEADLINE, fresh


@pytest.fixture
def reading(server, proxy):
    """A consumer of three partitions that has committed some of what it read, its topic and its group."""
    topic, group = proxy.make_topic(partitions=3), fresh("group")
    for partition, count in enumerate((5, 10, 20)):
        proxy.produce(topic, *[{"partition_id": partition, "value": {"type": "STRING", "data": "x"}}] * count)
    consumer = Consumer({
        "bootstrap.servers": server.kafka, "group.id": group, "client.id": "reader", "enable.auto.commit": False,
        "auto.offset.reset": "earliest", "group.instance.id": "desk-1", "log_level": 2})
    consumer.subscribe([topic])
    assert consumer.poll(DEADLINE) is not None
    consumer.commit(offsets=[TopicPartition(topic, 0, 5), TopicPartition(topic, 1, 7), TopicPartition(topic, 2, 1)],
                    asynchronous=False)
    yield consumer, topic, group
    consumer.close()


def test_a_live_group_is_told_with_its_members_and_what_they_read(proxy, reading):
    _, topic, group = reading
    path = f"/consumer-groups/{group}"
    told = proxy.get(path)
    assert {k: told[k] for k in ("kind", "consumer_group_id", "is_simple", "partition_assignor", "state")} == {
        "kind": "KafkaConsumerGroup", "consumer_group_id": group, "is_simple": False,
        "partition_assignor": "range", "state": "STABLE"}
    assert told in proxy.get("/consumer-groups")["data"]
    [member] = proxy.get(f"{path}/consumers")["data"]
    assert (member["client_id"], member["instance_id"]) == ("reader", "desk-1")
    assert proxy.get(member["metadata"]["self"]) == member
    assigned = proxy.get(member["assignments"]["related"])["data"]
    assert [(a["topic_name"], a["partition_id"]) for a in assigned] == [(topic, 0), (topic, 1), (topic, 2)]
    assert proxy.get(assigned[1]["metadata"]["self"]) == assigned[1]
    assert proxy.get(assigned[1]["lag"]["related"])["lag"] == 3
    assert proxy.get(assigned[1]["partition"]["related"])["partition_id"] == 1


def test_lags_are_those_between_what_was_committed_and_the_end(proxy, reading):
    _, topic, group = reading
    path = f"/consumer-groups/{group}"
    lags = proxy.get(f"{path}/lags")["data"]
    assert [(l["partition_id"], l["current_offset"], l["log_end_offset"], l["lag"]) for l in lags] == [
        (2, 1, 20, 19), (1, 7, 10, 3), (0, 5, 5, 0)]
    assert {(l["client_id"], l["instance_id"]) for l in lags} == {("reader", "desk-1")}
    assert proxy.get(f"{path}/lags/{topic}/partitions/2") == lags[0]
    summary = proxy.get(f"{path}/lag-summary")
    assert (summary["max_lag"], summary["total_lag"], summary["max_lag_partition_id"], summary["max_lag_topic_name"],
            summary["max_lag_client_id"]) == (19, 22, 2, topic, "reader")
    assert proxy.get(summary["max_lag_consumer"]["related"])["client_id"] == "reader"
    assert proxy.get(summary["max_lag_partition"]["related"])["partition_id"] == 2


def test_a_group_whose_members_have_left_keeps_its_lags(proxy, reading):
    consumer, topic, group = reading
    consumer.unsubscribe()
    consumer.close()
    path = f"/consumer-groups/{group}"
    # A static member stays until its session is over.
    assert proxy.get(path)["state"] in ("STABLE", "EMPTY")
    assert proxy.get(f"{path}/lag-summary")["total_lag"] == 22


def test_consumers_without_membership_are_told_as_a_simple_group(server, proxy):
    topic, group = proxy.make_topic(), fresh("simple")
    proxy.produce(topic, {"value": {"type": "STRING", "data": "x"}})
    consumer = Consumer({"bootstrap.servers": server.kafka, "group.id": group, "log_level": 2})
    consumer.commit(offsets=[TopicPartition(topic, 0, 0)], asynchronous=False)
    consumer.close()
    told = proxy.get(f"/consumer-groups/{group}")
    assert (told["is_simple"], told["state"], told["partition_assignor"]) == (True, "EMPTY", "")
    assert proxy.get(f"/consumer-groups/{group}/consumers")["data"] == []
    [lag] = proxy.get(f"/consumer-groups/{group}/lags")["data"]
    assert (lag["lag"], lag["consumer_id"], lag["instance_id"]) == (1, "", None)


def test_what_is_not_there_is_not_found(server, proxy, reading):
    _, topic, group = reading
    for path in ("none", "none/consumers", "none/lags", "none/lag-summary", f"{group}/consumers/none",
                 f"{group}/consumers/none/assignments", f"{group}/lags/{topic}/partitions/9",
                 f"{group}/lags/none/partitions/0"):
        assert proxy.error("GET", f"/consumer-groups/{path}", 404) == 404


def test_a_group_that_has_committed_nothing_has_no_lags(server, proxy):
    topic, group = proxy.make_topic(), fresh("idle")
    consumer = Consumer({"bootstrap.servers": server.kafka, "group.id": group, "enable.auto.commit": False,
                         "log_level": 2})
    try:
        consumer.subscribe([topic])
        eventually(lambda: consumer.poll(0.1) or consumer.assignment(), "the consumer has no partition")
        assert proxy.get(f"/consumer-groups/{group}")["state"] == "STABLE"
        assert proxy.error("GET", f"/consumer-groups/{group}/lags", 404) == 404
        assert proxy.error("GET", f"/consumer-groups/{group}/lag-summary", 404) == 404
    finally:
        consumer.close()
