"""confluent-kafka (librdkafka 2.16); README.md says what each command does."""
import time

import records
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic


def create(broker, partitions, *topics):
    wanted = [NewTopic(topic, int(partitions), 1) for topic in topics]
    admin = AdminClient({"bootstrap.servers": broker})
    for future in admin.create_topics(wanted).values():
        future.result(records.DEADLINE)


def list_topics(broker):
    for name in AdminClient({"bootstrap.servers": broker}).list_topics(timeout=30).topics:
        print(name)


def delete(broker, *topics):
    admin = AdminClient({"bootstrap.servers": broker})
    for future in admin.delete_topics(list(topics)).values():
        future.result(records.DEADLINE)


def produce(broker, topic, codec):
    failures = []
    producer = Producer({
        "bootstrap.servers": broker, "acks": "all", "compression.type": codec, "linger.ms": 20,
        "on_delivery": lambda error, _: error and failures.append(error)})
    for record in records.wanted():
        producer.produce(topic, **record)
        producer.poll(0)
    assert producer.flush(records.DEADLINE) == 0, "not every record was acknowledged"
    assert not failures, failures


def consume(broker, topic, count, since=None):
    consumer = Consumer({"bootstrap.servers": broker, "group.id": "unused", "enable.auto.commit": False})
    partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
    places = [TopicPartition(topic, p, int(since) if since else OFFSET_BEGINNING) for p in partitions]
    consumer.assign(consumer.offsets_for_times(places, timeout=30) if since else places)
    for _ in range(int(count)):
        message = next_message(consumer)
        show(message)
    consumer.close()


def next_message(consumer):
    deadline = time.monotonic() + records.DEADLINE
    while time.monotonic() < deadline:
        message = consumer.poll(0.1)
        if message is not None:
            assert not message.error(), message.error()
            return message
    raise TimeoutError("no record came")


def show(message):
    records.show(
        message.partition(), message.offset(), message.timestamp()[1], message.key(), message.value(),
        message.headers())


def member(broker, group, topic, count=None):
    consumer = Consumer({
        "bootstrap.servers": broker, "group.id": group, "auto.offset.reset": "earliest",
        "enable.auto.commit": False, "session.timeout.ms": 6000, "heartbeat.interval.ms": 500,
        "topic.metadata.refresh.interval.ms": 2000})

    def assigned(_, partitions):
        records.say({"assigned": sorted(p.partition for p in partitions)})

    consumer.subscribe([topic], on_assign=assigned)
    shown = 0
    while count is None or shown < int(count):
        message = consumer.poll(0.1)
        if message is None:
            continue
        assert not message.error(), message.error()
        show(message)
        consumer.commit(message, asynchronous=False)
        shown += 1
    consumer.close()


records.main({"create": create, "list": list_topics, "delete": delete, "produce": produce, "consume": consume,
              "member": member})
