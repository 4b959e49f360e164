"""`cleanup.policy=compact` as a client sees it: of each key the newest record, where it was, and no tombstone for ever."""
import itertools
import json

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from harness import eventually

TOPIC, KEYS, ROUNDS = "user-1.profile", 20, 60
COMPACTED = {
    "cleanup.policy": "compact", "segment.bytes": "20000", "min.cleanable.dirty.ratio": "0.01", "delete.retention.ms": "500"}


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve(env={"PINLINE_LOG_RETENTION_CHECK_INTERVAL_MS": "100"})


class Topic:
    """A compacted topic, and what was produced to it."""

    def __init__(self, server, name, **settings):
        self.server, self.name = server, name
        # Kept until the topic is there: a client without a name would be gone before the answer.
        admin = AdminClient({"bootstrap.servers": server.kafka})
        admin.create_topics([NewTopic(name, 1, 1, config={**COMPACTED, **settings})])[name].result(30)
        self.producer = Producer({"bootstrap.servers": server.kafka, "linger.ms": 0, "batch.num.messages": 10})
        self.produced = {}
        self.numbers = itertools.count()

    def produce(self, key, value=""):
        """Without a value one that no other record has; None is a tombstone."""
        content = json.dumps({"number": next(self.numbers), "filling": "x" * 100}).encode() if value == "" else value

        def delivered(error, message):
            assert error is None, error
            self.produced[message.offset()] = (key, content)

        self.producer.produce(self.name, content, key, on_delivery=delivered)

    def flush(self):
        assert self.producer.flush(60) == 0

    def fill(self, rounds=ROUNDS):
        for _ in range(rounds):
            for key in range(KEYS):
                self.produce(f"key {key}")
            self.flush()

    def newest(self):
        return {key: (offset, value) for offset, (key, value) in sorted(self.produced.items())}

    def read(self):
        """All there is from the beginning on, by offset."""
        consumer = Consumer({
            "bootstrap.servers": self.server.kafka, "group.id": "reader", "enable.auto.commit": False,
            "enable.partition.eof": True})
        consumer.assign([TopicPartition(self.name, 0, 0)])
        found = {}
        try:
            while True:
                message = consumer.poll(30)
                assert message is not None, "the end was not reached"
                if message.error():
                    return found
                found[message.offset()] = (message.key().decode(), message.value())
        finally:
            consumer.close()

    def compacted(self, most):
        """What there is once no more than so many records are left."""
        found = {}

        def shrunk():
            found.clear()
            found.update(self.read())
            return len(found) <= most

        eventually(shrunk, lambda: f"{len(found)} of {len(self.produced)} records are left, not {most}", 60)
        return found


def test_of_each_key_the_newest_record_is_left_where_it_was(server):
    topic = Topic(server, TOPIC)
    topic.fill()
    found = topic.compacted(KEYS * ROUNDS // 2)
    # Nothing is left that was not produced there, and nothing newest is gone.
    assert all(topic.produced[offset] == record for offset, record in found.items())
    assert list(found) == sorted(found)
    for key, (offset, value) in topic.newest().items():
        assert found[offset] == (key, value)
    # The end is where it was, and goes on from there.
    topic.produce("key 0")
    topic.flush()
    assert max(topic.produced) == KEYS * ROUNDS
    assert topic.read()[KEYS * ROUNDS] == topic.produced[KEYS * ROUNDS]


def test_a_tombstone_goes_after_its_time_and_its_key_with_it(server):
    topic = Topic(server, "user-1.deleted")
    topic.produce("gone")
    topic.fill(10)
    topic.produce("gone", None)
    topic.flush()

    def without():
        # A partition is compacted again once there is something new in it.
        topic.fill(10)
        return "gone" not in {key for key, _ in topic.read().values()}

    eventually(without, "the tombstone stays", 60)
    found = topic.read()
    for key, (offset, value) in topic.newest().items():
        assert key == "gone" or found[offset] == (key, value)


def test_a_tombstone_stays_for_its_time(server):
    topic = Topic(server, "user-1.kept", **{"delete.retention.ms": "86400000"})
    topic.produce("gone")
    topic.fill(10)
    topic.produce("gone", None)
    topic.fill()
    found = topic.compacted(KEYS * ROUNDS // 2)
    assert [value for key, value in found.values() if key == "gone"] == [None]


def test_what_is_compacted_outlives_a_kill(serve):
    server = serve(env={"PINLINE_LOG_RETENTION_CHECK_INTERVAL_MS": "100"})
    topic = Topic(server, TOPIC)
    topic.fill()
    topic.compacted(KEYS * ROUNDS // 2)
    server.kill()
    server.start()
    found = topic.read()
    for key, (offset, value) in topic.newest().items():
        assert found[offset] == (key, value)
    assert len(found) < len(topic.produced)
