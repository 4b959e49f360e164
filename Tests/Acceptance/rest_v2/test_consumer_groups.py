"""Instances as members of groups: with each other, with native clients, and through restarts of the server."""
import collections
import threading

import pytest
from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient, NewPartitions

from harness import eventually
from instances import Proxy, fresh, values


def native(server, group, topic, **settings):
    consumer = Consumer({
        "bootstrap.servers": server.kafka, "group.id": group, "auto.offset.reset": "earliest", "log_level": 2,
        "partition.assignment.strategy": "range,roundrobin", **settings})
    consumer.subscribe([topic])
    return consumer


class Reading(threading.Thread):
    """Polls in the background as a client's loop does."""

    def __init__(self, poll):
        super().__init__(daemon=True)
        self.poll, self.found, self.failure = poll, [], None
        self.stopped = threading.Event()
        self.start()

    def run(self):
        try:
            while not self.stopped.is_set():
                self.found += self.poll()
        except Exception as failure:  # told by whoever waits
            self.failure = failure

    def stop(self):
        self.stopped.set()
        self.join(30)
        assert self.failure is None, self.failure


class NativeReading(Reading):
    """A native member; all its calls are made by one thread, as librdkafka's binding wants it."""

    def __init__(self, consumer):
        self.consumer, self.partition_count = consumer, 0
        super().__init__(self.poll_native)

    def poll_native(self):
        message = self.consumer.poll(0.1)
        self.partition_count = len(self.consumer.assignment())
        if message is None:
            return []
        assert message.error() is None, message.error()
        return [{"partition": message.partition(), "offset": message.offset()}]


def counts(*readings):
    return collections.Counter((r["partition"], r["offset"]) for reading in readings for r in reading.found)


@pytest.mark.parametrize("native_first", [True, False])
def test_two_instances_and_a_native_member_share_one_group(server, proxy, native_first):
    """Whoever leads assigns for all three; every record is read, and read once."""
    topic, group = proxy.make_topic(partitions=6), fresh("group")
    members = []

    def join_native():
        reading = NativeReading(native(server, group, topic))
        members.append((reading, lambda: reading.partition_count))
        return reading

    def join_instance():
        instance = proxy.reading(topic, group=group)
        members.append((Reading(lambda: instance.poll(timeout=100)), lambda: len(instance.assignment())))
        return instance

    reader = join_native() if native_first else None
    if native_first:
        eventually(lambda: reader.partition_count == 6, "the first member has all partitions")
    instances = [join_instance(), join_instance()]
    reader = reader or join_native()
    eventually(
        lambda: [count() for _, count in members] == [2, 2, 2],
        lambda: f"the partitions are shared: {[count() for _, count in members]}")
    for partition in range(6):
        proxy.produce(topic, *[{"value": n, "partition": partition} for n in range(10)])
    expected = {(p, o) for p in range(6) for o in range(10)}
    readings = [reading for reading, _ in members]
    eventually(lambda: set(counts(*readings)) == expected, lambda: f"all is read: {counts(*readings)}")
    assert set(counts(*readings).values()) == {1}, "no record is read twice"
    assert all(len(reading.found) == 20 for reading in readings)

    # The one that leaves hands its partitions over, with what it has read.
    leaver = instances[0]
    left = next(reading for reading in readings if reading is members[1 if native_first else 0][0])
    left.stop()
    leaver.delete()
    others = [(reading, count) for reading, count in members if reading is not left]
    eventually(lambda: [count() for _, count in others] == [3, 3], "the partitions are shared anew")
    for partition in range(6):
        proxy.produce(topic, {"value": "more", "partition": partition})
    expected |= {(p, 10) for p in range(6)}
    eventually(lambda: set(counts(*readings)) == expected, "the rest is read")
    assert set(counts(*readings).values()) == {1}
    for reading, _ in others:
        reading.stop()
    reader.consumer.close()
    instances[1].delete()


def test_partitions_that_are_added_are_read(server, proxy):
    topic = proxy.make_topic(partitions=1)
    instance = proxy.reading(topic)
    instance.poll()
    admin = AdminClient({"bootstrap.servers": server.kafka})
    admin.create_partitions([NewPartitions(topic, 3)])[topic].result(30)
    eventually(lambda: instance.poll(timeout=100) or len(instance.assignment()) == 3, "three partitions")


def test_committed_offsets_with_notes_are_those_of_the_group(server, proxy):
    topic, group = proxy.make_topic(partitions=2), fresh("group")
    proxy.produce(topic, *[{"value": n, "partition": 0} for n in range(5)])
    instance = proxy.create(group, **{"format": "json", "auto.commit.enable": "false"})
    assert instance.committed(topic, 0, 1) == []
    answer = instance.post(
        "offsets", {"offsets": [{"topic": topic, "partition": 0, "offset": 2, "metadata": "half way"}]}, status=200)
    assert answer.json() == []
    # What was consumed is given; where to go on is committed, as with REST Proxy.
    expected = [{"topic": topic, "partition": 0, "offset": 3, "metadata": "half way"}]
    assert instance.committed(topic, 0, 1) == expected
    instance.post("subscription", {"topics": [topic]})
    assert values(instance.poll_until(2)) == [3, 4]
    assert instance.committed(topic, 0) == expected, "nothing is committed by itself"
    instance.post("offsets", status=200)
    assert instance.committed(topic, 0)[0]["offset"] == 5
    instance.delete()
    consumer = native(server, group, topic)
    eventually(lambda: consumer.poll(0.1) is None and consumer.assignment(), "the native member joined")
    assert [p.offset for p in consumer.committed(consumer.assignment()[:1], 10)] == [5]
    consumer.close()


def test_what_was_read_is_committed_by_deleting_unless_that_is_off(proxy):
    topic = fresh("topic")
    proxy.produce(topic, {"value": 1}, {"value": 2})
    for commits, left in [(True, []), (False, [1, 2])]:
        group = fresh("group")
        first = proxy.reading(topic, group=group, **{"auto.commit.enable": commits})
        assert values(first.poll_until(2)) == [1, 2]
        first.delete()
        again = proxy.reading(topic, group=group)
        assert values(again.poll(timeout=500)) == left


def test_an_instance_that_nobody_uses_expires_and_leaves_its_group(serve):
    server = serve(env={"PINLINE_CONSUMER_INSTANCE_TIMEOUT_MS": "1500"})
    proxy = Proxy(server)
    topic, group = fresh("topic"), fresh("group")
    proxy.produce(topic, {"value": 1})
    idle = proxy.reading(topic, group=group, name="idle")
    used = proxy.reading(topic, name="used")
    assert values(idle.poll_until(1)) == [1]

    def is_gone():
        used.poll(timeout=100)
        found = proxy.get(f"/v3/clusters/{cluster}/consumer-groups/{group}/consumers")["data"]
        return found == []

    cluster = proxy.get("/v3/clusters")["data"][0]["cluster_id"]
    eventually(is_gone, "the member has left")
    assert idle.refused("GET", "subscription") == (404, 40403, "Consumer instance not found.")
    again = proxy.reading(topic, group=group, name="idle")
    assert again.poll(timeout=300) == [], "what it had read was committed"


def test_instances_are_bounded_and_their_number_is_answered(serve):
    proxy = Proxy(serve(env={"PINLINE_CONSUMER_INSTANCE_MAX_COUNT": "2"}))
    first = proxy.create()
    proxy.create()
    refusal = proxy.create(status=429)
    assert refusal["error_code"] == 429 and "consumer.instance.max.count" in refusal["message"]
    first.delete()
    proxy.create()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_instances_end_with_the_server_and_committed_offsets_do_not(serve, end):
    server = serve()
    proxy = Proxy(server)
    topic, group = fresh("topic"), fresh("group")
    proxy.produce(topic, *[{"value": n} for n in range(4)])
    before = proxy.reading(topic, group=group, name="reader", **{"auto.commit.enable": "false"})
    assert values(before.poll_until(4)) == [0, 1, 2, 3]
    before.post("offsets", {"offsets": [{"topic": topic, "partition": 0, "offset": 1, "metadata": "two"}]}, status=200)
    getattr(server, end)()
    server.start()
    before.uri = f"{proxy.base}/consumers/{group}/instances/reader"
    assert before.refused("GET", "records")[:2] == (404, 40403)
    after = proxy.reading(topic, group=group, name="reader")
    assert after.committed(topic, 0) == [{"topic": topic, "partition": 0, "offset": 2, "metadata": "two"}]
    assert values(after.poll_until(2)) == [2, 3]


def test_a_server_that_stops_commits_what_was_handed_out(serve):
    server = serve()
    proxy = Proxy(server)
    topic, group = fresh("topic"), fresh("group")
    proxy.produce(topic, {"value": 1})
    assert values(proxy.reading(topic, group=group).poll_until(1)) == [1]
    assert server.stop() == 0
    server.start()
    assert proxy.reading(topic, group=group).poll(timeout=300) == []


def test_many_idle_instances_take_little_memory(serve):
    server = serve(env={"PINLINE_KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0"})
    proxy = Proxy(server)
    topic = fresh("topic")
    proxy.produce(topic, {"value": 1})

    def resident():
        with open(f"/proc/{server.process.pid}/statm") as file:
            return int(file.read().split()[1]) * 4096

    def read_one():
        proxy.reading(topic).poll_until(1)

    for _ in range(50):
        read_one()
    before = resident()
    for _ in range(300):
        read_one()
    assert (resident() - before) / 300 < 40_000, "bytes of an idle instance"
