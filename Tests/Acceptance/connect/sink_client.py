"""Sinks of the tests: each a connector with a topic and a bucket of its own, so that many share one server."""
import datetime
import itertools
import json
import pathlib
import socket
import struct

import confluent_kafka
import confluent_kafka.admin
from kafka.record.default_records import DefaultRecordBatchBuilder

import connect_client
import harness
import s3_store

CONNECT, CONFLUENT = "org.apache.kafka.connect", "io.confluent.connect"
PARTITIONERS = f"{CONFLUENT}.storage.partitioner"
JSON, BYTES, PARQUET = (
    f"{CONFLUENT}.s3.format.{name}" for name in ("json.JsonFormat", "bytearray.ByteArrayFormat", "parquet.ParquetFormat"))
PLAIN = {
    "connector.class": f"{CONFLUENT}.s3.S3SinkConnector", "storage.class": f"{CONFLUENT}.s3.storage.S3Storage",
    "format.class": JSON, "flush.size": "1000", "retry.backoff.ms": "20", "s3.retry.backoff.ms": "10",
    "value.converter": f"{CONNECT}.json.JsonConverter", "value.converter.schemas.enable": "false",
    "key.converter": f"{CONNECT}.storage.StringConverter",
}
# Folders of hours of the records' own times.
HOURLY = {
    "partitioner.class": f"{PARTITIONERS}.HourlyPartitioner", "locale": "en-GB", "timezone": "UTC",
    "timestamp.extractor": "Record",
}
KEYS = {"store.kafka.keys": "true", "keys.format.class": JSON}
HEADERS = {"store.kafka.headers": "true", "headers.format.class": JSON}
LETTERS = {
    "errors.tolerance": "all", "errors.deadletterqueue.topic.replication.factor": "1",
    "errors.deadletterqueue.context.headers.enable": "true",
}
_numbers = itertools.count()


def at(text):
    """Milliseconds of an ISO time, which is UTC unless it says otherwise."""
    time = datetime.datetime.fromisoformat(text)
    return round((time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)).timestamp() * 1000)


class Sinks:
    """Makes sinks on a server, over folders or over a store of `s3_store`; `url` is that of a proxy before it."""

    def __init__(self, server, connect, store=None, url=None):
        self.server, self.connect, self.store, self.url, self.made = server, connect, store, url, []
        self.begin()

    def begin(self):
        """Connects with the server, again after it was started anew."""
        self.connect = connect_client.Connect(self.server.web)
        self.producer = confluent_kafka.Producer({"bootstrap.servers": self.server.kafka, "linger.ms": 0, "log_level": 0})
        self.admin = confluent_kafka.admin.AdminClient(
            {"bootstrap.servers": self.server.kafka, "log_level": 0})

    def restart(self, kill=True):
        if self.server.process.poll() is None:
            self.server.kill() if kill else self.server.stop()
        self.server.start()
        self.begin()

    def make(self, config=None, partitions=1, topic=None, records=(), **changes):
        """A connector; `changes` are keys with _ for each dot. Records are produced before it is made."""
        sink = Sink(self, {**(config or {}), **{k.replace("_", "."): v for k, v in changes.items()}}, topic)
        if partitions:
            self.create_topic(sink.topic, partitions)
        sink.produce(*records)
        sink.create()
        self.made.append(sink)
        return sink

    def create_topic(self, name, partitions=1):
        new = confluent_kafka.admin.NewTopic(name, partitions, 1)
        for future in self.admin.create_topics([new]).values():
            future.result(20)

    def delete_all(self):
        for sink in self.made:
            self.connect.call("DELETE", f"/connectors/{sink.name}")
        self.made.clear()


class Sink:
    def __init__(self, sinks, config, topic=None):
        number = next(_numbers)
        self.sinks, self.name, self.topic = sinks, f"sink{number}", topic or f"t{number}"
        self.bucket = f"bucket-{self.name}"
        self.config = {**PLAIN, "topics": self.topic, "s3.bucket.name": self.bucket, **config}
        if sinks.store:
            sinks.store.bucket(self.bucket)
            self.config = {
                "store.url": sinks.url or sinks.store.url, "s3.region": s3_store.REGION,
                "aws.access.key.id": s3_store.KEY_ID, "aws.secret.access.key": s3_store.SECRET, **self.config}
        self.config = {key: value for key, value in self.config.items() if value is not None}

    def create(self):
        self.sinks.connect.create(self.name, self.config)

    @property
    def folder(self):
        return pathlib.Path(self.sinks.server.data) / "buckets" / self.bucket

    def objects(self):
        if self.sinks.store:
            return self.sinks.store.objects(self.bucket)
        return connect_client.bucket_objects(self.folder) if self.folder.exists() else {}

    def produce(self, *records):
        """Each is a value, or a dictionary of confluent-kafka's arguments; values that are no bytes become JSON."""
        failures = []
        for record in records:
            self.sinks.producer.produce(
                self.topic, **arguments(record), on_delivery=lambda error, _: error and failures.append(error))
        assert self.sinks.producer.flush(30) == 0 and not failures, failures

    def produce_at(self, *times):
        """Records whose values are their offsets, at times in milliseconds."""
        done = getattr(self, "produced", 0)
        self.produced = done + len(times)
        self.produce(*({"value": done + n, "timestamp": time} for n, time in enumerate(times)))

    def send(self, *records):
        """As `produce` with partition 0, to a server that may die meanwhile: what the log has then is what counts."""
        for record in records:
            self.sinks.producer.produce(self.topic, **arguments(record))
        harness.eventually(
            lambda: self.sinks.producer.flush(0.02) == 0 or self.sinks.server.process.poll() is not None,
            "the records are not sent")

    def log(self, partition=0):
        """The values that the log holds, in order."""
        consumer = confluent_kafka.Consumer({
            "bootstrap.servers": self.sinks.server.kafka, "group.id": "log", "log_level": 0, "enable.auto.commit": False})
        place = confluent_kafka.TopicPartition(self.topic, partition, 0)
        try:
            end = consumer.get_watermark_offsets(place, timeout=20)[1]
            consumer.assign([place])
            found = []
            harness.eventually(lambda: found.extend(consumer.consume(1000, 0.1)) or len(found) >= end, self.topic)
            assert [record.offset() for record in found] == list(range(end))
            return [record.value() for record in found]
        finally:
            consumer.close()

    # ---- Where it stands

    def progress(self):
        """By partition."""
        return {partition: p for (topic, partition), p in self.sinks.connect.progress(self.name).items()}

    def status(self):
        return self.sinks.connect.get(f"/connectors/{self.name}/status")

    def settle(self, read, stored=None, partition=0, seconds=30):
        """Waits until so many records of a partition are read, and so many of them stored; returns its progress."""
        wanted = (read, read if stored is None else stored)

        def settled():
            progress = self.progress().get(partition)
            return progress if progress and (progress["position"], progress["committed"]) == wanted else None

        return harness.eventually(
            settled, lambda: f"{self.name}: not {wanted} but {self.progress()}: {self.status()}", seconds)

    def failure(self):
        """Waits until a task has failed, and returns its trace."""
        def trace():
            return next((task["trace"] for task in self.status()["tasks"] if task["state"] == "FAILED"), None)

        return harness.eventually(trace, lambda: f"{self.name} goes on: {self.status()} {self.progress()}")

    def call(self, method, path=""):
        answer = self.sinks.connect.call(method, f"/connectors/{self.name}{path}")
        assert answer.status_code < 300, f"{answer.status_code} {answer.text}"

    def key(self, path, offset, ending=".json", partition=0):
        return f"topics/{self.topic}/{path}/{self.topic}+{partition}+{offset:010}{ending}"

    def expect(self, *files, read, stored=None, open_records=None):
        """The objects are these and no others: `(folder, lines)`; a file is named by the first of its offsets.

        Lines that are no texts are offsets, as `produce_at` writes them.
        """
        progress = self.settle(read, stored)
        wanted = {self.key(path, offsets[0]): "".join(f"{n}\n" for n in offsets).encode() for path, offsets in files}
        assert self.objects() == wanted
        waiting = read - sum(len(offsets) for _, offsets in files)
        assert progress["open_records"] == (waiting if open_records is None else open_records), progress


def arguments(record):
    """confluent-kafka's, of a record that may be a value alone."""
    record = dict(record) if isinstance(record, dict) and "value" in record else {"value": record}
    if record["value"] is not None and not isinstance(record["value"], bytes):
        record["value"] = json.dumps(record["value"], separators=(",", ":"), ensure_ascii=False).encode()
    return {"partition": 0, **record}


def produce_without_time(address, topic, *values):
    """Records that have no timestamp, which no client's own call can send: a batch of them over the wire."""
    batch = DefaultRecordBatchBuilder(
        magic=2, compression_type=0, is_transactional=False, producer_id=-1, producer_epoch=-1, base_sequence=-1,
        batch_size=1 << 20)
    for number, value in enumerate(values):
        assert batch.append(number, timestamp=-1, key=None, value=value, headers=[])
    records = bytes(batch.build())

    def text(value):
        return struct.pack(">h", len(value)) + value.encode()

    body = struct.pack(">hhi", 0, 3, 1) + text("test") + struct.pack(">hhii", -1, -1, 10_000, 1)
    body += text(topic) + struct.pack(">iii", 1, 0, len(records)) + records
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), 10) as connection, connection.makefile("rb") as answers:
        connection.sendall(struct.pack(">i", len(body)) + body)
        answer = answers.read(*struct.unpack(">i", answers.read(4)))
    # Correlation, topics, name, partitions, index, error.
    code = struct.unpack_from(">h", answer, 4 + 4 + 2 + len(topic) + 4 + 4)[0]
    assert code == 0, f"error {code} for records without a time"
