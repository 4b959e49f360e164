"""`kill -9` in the middle of idempotent and of transactional producing, twenty times each: each record once, in order."""
import random
import threading

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from harness import eventually

KILLS = 20
PARTITIONS = 3
# Back soon after the server is.
RETRYING = {"reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 100, "retry.backoff.ms": 20,
            "retry.backoff.max.ms": 100, "acks": "all", "linger.ms": 1, "batch.num.messages": 50}


@pytest.fixture
def server(serve):
    """It comes back on the same port."""
    server = serve()
    server.kafka_address = server.kafka
    admin = AdminClient({"bootstrap.servers": server.kafka})
    for future in admin.create_topics([NewTopic("load", PARTITIONS, 1)]).values():
        future.result(60)
    return server


def kill_often(server, progress, seed):
    """Kills and starts the server each time some more was done."""
    dice = random.Random(seed)
    for _ in range(KILLS):
        goal = progress() + dice.randint(20, 400)
        eventually(lambda: progress() >= goal, lambda: f"{progress()} of {goal}\n{server.log_tail()}", 60)
        server.kill()
        server.start()


def committed_values(server):
    """What a consumer of committed records sees of each partition, up to its end."""
    consumer = Consumer({
        "bootstrap.servers": server.kafka, "group.id": "check", "enable.auto.commit": False,
        "isolation.level": "read_committed", "enable.partition.eof": True})
    consumer.assign([TopicPartition("load", p, OFFSET_BEGINNING) for p in range(PARTITIONS)])
    values, at_end = {p: [] for p in range(PARTITIONS)}, set()

    def read():
        for message in consumer.consume(1000, 0.1):
            if message.error():
                at_end.add(message.partition())
            else:
                values[message.partition()].append(int(message.value()))
        return len(at_end) == PARTITIONS

    eventually(read, lambda: f"the ends are not reached: {at_end}\n{server.log_tail()}", 60)
    consumer.close()
    return values


class IdempotentLoad(threading.Thread):
    def __init__(self, broker):
        super().__init__(daemon=True)
        self.producer = Producer({
            **RETRYING, "bootstrap.servers": broker, "enable.idempotence": True, "on_delivery": self._delivered,
            "queue.buffering.max.messages": 2000})
        self.sent, self.delivered, self.failures = {p: [] for p in range(PARTITIONS)}, 0, []
        self.stopping = threading.Event()

    def _delivered(self, error, _):
        if error:
            self.failures.append(str(error))
        else:
            self.delivered += 1

    def run(self):
        number = 0
        while not self.stopping.is_set():
            partition = number % PARTITIONS
            try:
                self.producer.produce("load", str(number), partition=partition)
            except BufferError:
                self.producer.poll(0.05)
                continue
            self.sent[partition].append(number)
            number += 1
            self.producer.poll(0.001)
        self.left = self.producer.flush(60)


def test_idempotent_producing_survives_twenty_kills(server):
    load = IdempotentLoad(server.kafka)
    load.start()
    try:
        kill_often(server, lambda: load.delivered, seed=1)
    finally:
        load.stopping.set()
        load.join(90)
    assert not load.failures and load.left == 0, (load.failures[:3], load.left)
    assert committed_values(server) == load.sent


class TransactionalLoad(threading.Thread):
    """Transactions of ten records each over all partitions; one that fails is aborted and done again."""

    def __init__(self, broker):
        super().__init__(daemon=True)
        self.broker = broker
        self.committed, self.doubtful, self.failure = [], [], None
        self.stopping = threading.Event()

    def run(self):
        try:
            self._run()
        except Exception as error:  # Told by the test.
            self.failure = error

    def _run(self):
        producer, number = self._new(), 0
        while not self.stopping.is_set():
            batch = list(range(number, number + 10))
            state = self._transact(producer, batch)
            if state == "aborted":
                continue
            if state == "fatal":
                # Whether it was committed is for the log to say: the successor ends it one way or the other.
                self.doubtful.append(batch)
                producer = self._new()
            else:
                self.committed.append(batch)
            number += 10

    def _new(self):
        producer = Producer({**RETRYING, "bootstrap.servers": self.broker, "transactional.id": "load"})
        self._retried(producer.init_transactions)
        return producer

    def _retried(self, step):
        while True:
            try:
                return step(30)
            except KafkaException as error:
                if not error.args[0].retriable():
                    raise

    def _transact(self, producer, batch):
        try:
            producer.begin_transaction()
            for number in batch:
                producer.produce("load", str(number), partition=number % PARTITIONS)
            self._retried(producer.commit_transaction)
            return "committed"
        except KafkaException as error:
            if error.args[0].fatal() or not error.args[0].txn_requires_abort():
                return "fatal"
        try:
            self._retried(producer.abort_transaction)
            return "aborted"
        except KafkaException:
            return "fatal"


def test_transactional_producing_survives_twenty_kills(server):
    load = TransactionalLoad(server.kafka)
    load.start()
    try:
        kill_often(server, lambda: 10 * (len(load.committed) + len(load.doubtful)), seed=2)
    finally:
        load.stopping.set()
        load.join(90)
    assert not load.failure and not load.is_alive(), load.failure
    values = committed_values(server)
    assert all(numbers == sorted(set(numbers)) for numbers in values.values()), "twice, or out of order"
    seen = {number for numbers in values.values() for number in numbers}
    lost = [batch for batch in load.committed if not seen.issuperset(batch)]
    assert not lost, f"committed and not there: {lost[:3]}"
    torn = [batch for batch in load.doubtful if 0 < len(seen.intersection(batch)) < len(batch)]
    assert not torn, f"there in part: {torn[:3]}"
    assert seen <= {number for batch in load.committed + load.doubtful for number in batch}
