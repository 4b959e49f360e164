"""A thousand topics with four partitions each and two thousand connections; then `kill -9` and a new start."""
import re
import resource
import socket
import struct
import time

import pytest
import requests
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

TOPICS, PARTITIONS, CONNECTIONS = 1000, 4, 2000
# What one topic holds besides; and what the start may read of a partition: the head of its first batch, and what lies
# behind its last index entry, which is one batch more or less.
BULK_RECORDS, BULK_BYTES, START_BYTES, LAST_BATCH_BYTES, START_FILES = 20_000, 1000, 512, 1 << 20, 3
API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 1, 0)


@pytest.fixture(autouse=True)
def open_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def resident(server):
    status = open(f"/proc/{server.process.pid}/status").read()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def metric(server, name):
    text = requests.get(f"http://{server.web}/metrics", timeout=30).text
    return float(re.search(rf"^{name} ([0-9.e+]+)$", text, re.MULTILINE)[1])


def exactly(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        assert more, "the server has closed a connection"
        data += more
    return data


def connections(server):
    host, port = server.kafka.rsplit(":", 1)
    opened = [socket.create_connection((host, int(port)), timeout=30) for _ in range(CONNECTIONS)]
    for connection in opened:
        connection.sendall(API_VERSIONS)
    for connection in opened:
        exactly(connection, struct.unpack(">i", exactly(connection, 4))[0])
    return opened


def test_starts_again_with_a_thousand_topics_and_serves_two_thousand_connections(serve, record_property):
    server = serve()
    admin = AdminClient({"bootstrap.servers": server.kafka})
    names = [f"user-{number}.pin" for number in range(TOPICS)]
    for start in range(0, TOPICS, 250):
        wanted = [NewTopic(name, PARTITIONS, 1) for name in names[start:start + 250]]
        for future in admin.create_topics(wanted).values():
            future.result(120)
    producer = Producer({"bootstrap.servers": server.kafka, "linger.ms": 50})
    for number, name in enumerate(names):
        for partition in range(PARTITIONS):
            producer.produce(name, f"{number}", partition=partition)
        producer.poll(0)
    for _ in range(BULK_RECORDS):
        producer.produce(names[0], f'"{"x" * BULK_BYTES}"', partition=0)
        producer.poll(0)
    assert producer.flush(120) == 0
    full = resident(server)
    # They would go on to look for the server that is gone.
    del admin, producer
    server.kill()

    began = time.monotonic()
    # The sink finishes what it was at before it says that it is ready.
    server.start(180)
    seconds = time.monotonic() - began
    read, files = metric(server, "pinline_log_start_read_bytes"), metric(server, "pinline_log_start_file_opens")
    opened = connections(server)
    crowded = resident(server)
    metadata = AdminClient({"bootstrap.servers": server.kafka}).list_topics(timeout=60)
    assert sum(len(topic.partitions) for topic in metadata.topics.values()) >= TOPICS * PARTITIONS
    consumer = Consumer({"bootstrap.servers": server.kafka, "group.id": "some", "auto.offset.reset": "earliest"})
    consumer.subscribe(names[-10:])
    seen, deadline = [], time.monotonic() + 60
    while len(seen) < 10 * PARTITIONS and time.monotonic() < deadline:
        seen += [m.value() for m in consumer.consume(100, 0.2) if not m.error()]
    consumer.close()
    assert sorted(seen) == sorted(str(n).encode() for n in range(TOPICS - 10, TOPICS) for _ in range(PARTITIONS))
    for connection in opened:
        connection.close()
    record_property("seconds until it is ready after kill -9", seconds)
    print(f"\nready {seconds:.2f} s after kill -9, having read {read / 1e6:.1f} MB out of {files:.0f} files; resident: {full:.0f} MB after the load, {crowded:.0f} MB with "
          f"{CONNECTIONS} connections")
    # What the start takes hangs on how many partitions there are, not on what they hold.
    assert read < TOPICS * PARTITIONS * START_BYTES + LAST_BATCH_BYTES
    assert files < TOPICS * PARTITIONS * START_FILES
    assert crowded < 1024, "memory is not bounded"
