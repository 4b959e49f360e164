"""`kill -9` in the middle of reading, doubling and writing: records and committed offsets stay together."""
import random
import threading

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from harness import eventually

KILLS = 20
NUMBERS = 20_000
# librdkafka 2.16 forgets a broker that went down ("rebootstrap"), yet sends TxnOffsetCommit to the forgotten one, for ever.
QUICK = {"reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 100, "retry.backoff.ms": 20,
         "retry.backoff.max.ms": 100, "metadata.recovery.strategy": "none"}


@pytest.fixture
def server(serve):
    """It comes back on the same port, with numbers to be doubled."""
    server = serve()
    server.kafka_address = server.kafka
    admin = AdminClient({"bootstrap.servers": server.kafka})
    for future in admin.create_topics([NewTopic(t, 1, 1) for t in ("numbers", "doubles")]).values():
        future.result(60)
    plain = Producer({"bootstrap.servers": server.kafka})
    for number in range(NUMBERS):
        plain.produce("numbers", str(number), partition=0)
    assert plain.flush(60) == 0
    return server


class Doubling(threading.Thread):
    """Ten numbers in each transaction; whatever fails is begun again from the committed offset."""

    def __init__(self, broker):
        super().__init__(daemon=True)
        self.broker, self.done, self.failure = broker, 0, None
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.is_set() and self.failure is None:
            try:
                self._session()
            except KafkaException:
                # The producer is fenced or out of step: a successor with the same name takes over.
                continue
            except Exception as error:
                self.failure = error

    def _session(self):
        producer = Producer({**QUICK, "bootstrap.servers": self.broker, "transactional.id": "doubling", "linger.ms": 0})
        producer.init_transactions(30)
        consumer = Consumer({
            **QUICK, "bootstrap.servers": self.broker, "group.id": "doubling", "auto.offset.reset": "earliest",
            "enable.auto.commit": False, "isolation.level": "read_committed"})
        place = TopicPartition("numbers", 0)
        committed = consumer.committed([place], 30)[0]
        if committed.error:
            raise KafkaException(committed.error)
        place.offset = max(committed.offset, 0)
        consumer.assign([place])
        try:
            while not self.stopping.is_set():
                self._transact(producer, consumer)
        finally:
            consumer.close()

    def _transact(self, producer, consumer):
        messages = [m for m in consumer.consume(10, 0.2) if not m.error()]
        if not messages:
            return
        producer.begin_transaction()
        for message in messages:
            producer.produce("doubles", str(2 * int(message.value())), partition=0)
        place = TopicPartition("numbers", 0, messages[-1].offset() + 1)
        producer.send_offsets_to_transaction([place], consumer.consumer_group_metadata(), 30)
        producer.commit_transaction(30)
        self.done = place.offset


def seen(server, topic):
    consumer = Consumer({
        "bootstrap.servers": server.kafka, "group.id": "check", "enable.auto.commit": False,
        "isolation.level": "read_committed", "enable.partition.eof": True})
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    values = []
    while True:
        for message in consumer.consume(1000, 10):
            if message.error():
                consumer.close()
                return values
            values.append(int(message.value()))


def test_offsets_and_records_are_committed_together_over_twenty_kills(server):
    dice = random.Random(3)
    doubling = Doubling(server.kafka)
    doubling.start()
    try:
        for _ in range(KILLS):
            goal = doubling.done + dice.randint(10, 300)
            eventually(lambda: doubling.done >= goal, lambda: f"{doubling.done} of {goal}\n{server.log_tail()}", 60)
            server.kill()
            server.start()
        goal = doubling.done + 100
        eventually(lambda: doubling.done >= goal, lambda: f"{doubling.done} of {goal}\n{server.log_tail()}", 60)
    finally:
        doubling.stopping.set()
        doubling.join(90)
    assert not doubling.failure and not doubling.is_alive(), doubling.failure
    checker = Consumer({"bootstrap.servers": server.kafka, "group.id": "doubling"})
    offset = checker.committed([TopicPartition("numbers", 0)], 30)[0].offset
    checker.close()
    values = seen(server, "doubles")
    assert values == [2 * number for number in range(len(values))], "lost, twice, or out of order"
    assert offset == len(values) >= doubling.done
