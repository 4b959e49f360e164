"""Transactions: what is committed is seen once, what is aborted is not seen by those who do not want to."""
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

import programs

EACH = 10


def committed(broker, topic, count, level="read_committed"):
    """The values of partition 0 as kcat sees them."""
    printed = programs.run(
        ["kcat", "-b", broker, "-C", "-t", topic, "-p", "0", "-o", "beginning", "-c", str(count), "-q",
         "-X", f"isolation.level={level}"])
    return printed.splitlines()


def to_the_end(broker, topic, level):
    """The values up to the end of partition 0, whatever lies between."""
    printed = programs.run(
        ["kcat", "-b", broker, "-C", "-t", topic, "-p", "0", "-o", "beginning", "-e", "-q",
         "-X", f"isolation.level={level}"])
    return printed.splitlines()


def make(broker, *topics):
    admin = AdminClient({"bootstrap.servers": broker})
    for future in admin.create_topics([NewTopic(topic, 1, 1) for topic in topics]).values():
        future.result(60)


def transactional(broker, name):
    producer = Producer({"bootstrap.servers": broker, "transactional.id": name, "linger.ms": 0})
    producer.init_transactions(60)
    return producer


def test_a_consumer_of_committed_records_sees_no_aborted_ones(server):
    make(server.kafka, "fates")
    producer = transactional(server.kafka, "fates")
    for number in range(EACH):
        for fate in ("committed", "aborted"):
            producer.begin_transaction()
            producer.produce("fates", f"{fate} {number}", partition=0)
            # On its way to the log, so that there is something to abort.
            assert producer.flush(30) == 0
            (producer.commit_transaction if fate == "committed" else producer.abort_transaction)(60)
    assert to_the_end(server.kafka, "fates", "read_committed") == [f"committed {i}" for i in range(EACH)]
    assert len(to_the_end(server.kafka, "fates", "read_uncommitted")) == 2 * EACH


def test_the_java_client_commits_and_aborts(server, client_programs):
    make(server.kafka, "java-fates")
    java = client_programs.client("java", server.kafka)
    programs.run([*java.command, "transact", server.kafka, "java-fates", "java-fates"])
    assert to_the_end(server.kafka, "java-fates", "read_committed") == [f"committed {i}" for i in range(EACH)]
    assert len(to_the_end(server.kafka, "java-fates", "read_uncommitted")) == 2 * EACH


def test_an_open_transaction_is_seen_when_it_is_committed(server):
    make(server.kafka, "open")
    producer = transactional(server.kafka, "open")
    producer.begin_transaction()
    producer.produce("open", "first", partition=0)
    assert producer.flush(30) == 0
    plain = Producer({"bootstrap.servers": server.kafka})
    plain.produce("open", "second", partition=0)
    assert plain.flush(30) == 0
    assert to_the_end(server.kafka, "open", "read_committed") == []
    producer.commit_transaction(60)
    assert committed(server.kafka, "open", 2) == ["first", "second"]


def test_a_producer_with_the_same_id_fences_the_one_before(server):
    make(server.kafka, "zombies")
    zombie = transactional(server.kafka, "zombie")
    zombie.begin_transaction()
    zombie.produce("zombies", "from the grave", partition=0)
    assert zombie.flush(30) == 0
    successor = transactional(server.kafka, "zombie")
    with pytest.raises(Exception) as refusal:
        zombie.commit_transaction(60)
    assert refusal.value.args[0].fatal() or "FENCED" in str(refusal.value)
    successor.begin_transaction()
    successor.produce("zombies", "alive", partition=0)
    successor.commit_transaction(60)
    assert to_the_end(server.kafka, "zombies", "read_committed") == ["alive"]


def test_a_transaction_that_nobody_ends_is_aborted_by_its_time_out(server):
    make(server.kafka, "forgotten")
    producer = Producer({
        "bootstrap.servers": server.kafka, "transactional.id": "forgotten", "transaction.timeout.ms": 1000,
        "message.timeout.ms": 1000})
    producer.init_transactions(60)
    producer.begin_transaction()
    producer.produce("forgotten", "never", partition=0)
    assert producer.flush(30) == 0
    plain = Producer({"bootstrap.servers": server.kafka})
    plain.produce("forgotten", "after", partition=0)
    assert plain.flush(30) == 0
    assert committed(server.kafka, "forgotten", 1) == ["after"]


class Transform:
    """Reads numbers, writes their doubles, and commits both in one transaction."""

    def __init__(self, broker):
        self.consumer = Consumer({
            "bootstrap.servers": broker, "group.id": "doubling", "auto.offset.reset": "earliest",
            "enable.auto.commit": False, "isolation.level": "read_committed", "session.timeout.ms": 6000})
        self.consumer.subscribe(["numbers"])
        self.producer = transactional(broker, "doubling")

    def step(self, fate):
        messages = [m for m in self.consumer.consume(10, 1) if not m.error()]
        if not messages:
            return
        self.producer.begin_transaction()
        for message in messages:
            self.producer.produce("doubles", str(2 * int(message.value())), partition=0)
        self.producer.send_offsets_to_transaction(
            self.consumer.position(self.consumer.assignment()), self.consumer.consumer_group_metadata(), 60)
        if fate == "abort":
            self.producer.abort_transaction(60)
        else:
            self.producer.commit_transaction(60)

    def close(self):
        self.consumer.close()


def test_consume_transform_produce_is_exactly_once_over_aborts_and_restarts(server):
    make(server.kafka, "numbers", "doubles")
    plain = Producer({"bootstrap.servers": server.kafka})
    for number in range(100):
        plain.produce("numbers", str(number), partition=0)
    assert plain.flush(30) == 0

    def done():
        consumer = Consumer({"bootstrap.servers": server.kafka, "group.id": "doubling"})
        offset = consumer.committed([TopicPartition("numbers", 0)], 30)[0].offset
        consumer.close()
        return offset == 100

    for _ in range(40):
        transform = Transform(server.kafka)
        transform.step("commit")
        transform.step("commit")
        # What is aborted here is read again by the next one.
        transform.step("abort")
        transform.close()
        if done():
            break
    assert done(), "the group has not read everything"
    assert to_the_end(server.kafka, "doubles", "read_committed") == [str(2 * i) for i in range(100)]
