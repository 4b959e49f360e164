"""Wrong bytes on the Kafka port: the server stays, memory stays, and others are served."""
import random
import re
import socket
import struct

import pytest

from harness import eventually
from programs import record


@pytest.fixture
def good(client_programs, server):
    """Shows that another client is served."""
    client = client_programs.client("confluent", server.kafka)

    def check():
        assert server.process.poll() is None, server.log_tail()
        topic = f"still-here-{random.randrange(1 << 48)}"
        client.create(1, topic)
        client.produce(topic, [record(1)])
        assert [r["value"] for r in client.consume(topic, 1)] == ["value 1"]

    return check


def connect(server):
    host, port = server.kafka.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=20)


def frame(body):
    return struct.pack(">i", len(body)) + body


def header(key, version, correlation=1, client=b"test"):
    return struct.pack(">hhih", key, version, correlation, len(client)) + client


API_VERSIONS = frame(header(18, 0))


def answer(connection):
    """The next answer's body; None if the connection is closed instead."""
    def read(count):
        data = b""
        while len(data) < count:
            try:
                more = connection.recv(count - len(data))
            except ConnectionError:
                return None
            if not more:
                return None
            data += more
        return data

    length = read(4)
    return None if length is None else read(struct.unpack(">i", length)[0])


def memory(server):
    status = open(f"/proc/{server.process.pid}/status").read()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024


def test_half_a_frame_waits_for_its_rest(server, good):
    with connect(server) as connection:
        connection.sendall(API_VERSIONS[:7])
        good()
        connection.sendall(API_VERSIONS[7:])
        assert answer(connection)


def test_a_client_that_goes_in_the_middle_of_a_frame_harms_nobody(server, good):
    for cut in range(1, len(API_VERSIONS)):
        with connect(server) as connection:
            connection.sendall(API_VERSIONS[:cut])
    good()


@pytest.mark.parametrize("length", [-1, -(2**31), 0, 1, 7, 2**31 - 1, 2**30])
def test_a_length_that_cannot_be_ends_the_connection(server, good, length):
    before = memory(server)
    with connect(server) as connection:
        connection.sendall(struct.pack(">i", length) + b"\x00" * 64)
        assert answer(connection) is None
    assert memory(server) - before < 64 << 20
    good()


def test_counts_beyond_the_frame_are_not_believed(server, good):
    before = memory(server)
    for count in (2**31 - 1, -2, 2**20):
        with connect(server) as connection:
            connection.sendall(frame(header(3, 1) + struct.pack(">i", count)))
            assert answer(connection) is None
    assert memory(server) - before < 64 << 20
    good()


def test_a_request_that_is_not_known_ends_the_connection(server, good):
    for key, version in ((999, 0), (-1, 0), (4, 0), (1, 99), (0, -1)):
        with connect(server) as connection:
            connection.sendall(frame(header(key, version)))
            answer(connection)
    good()


def test_versions_of_the_future_are_told_what_there_is(server):
    with connect(server) as connection:
        connection.sendall(frame(header(18, 99, correlation=7)))
        correlation, error, count = struct.unpack(">ihi", answer(connection)[:10])
    assert (correlation, error) == (7, 35) and count > 0


def test_random_bodies_of_every_request_harm_nobody(server, good):
    dice = random.Random(3)
    with connect(server) as connection:
        connection.sendall(API_VERSIONS)
        told = answer(connection)
    ranges = [struct.unpack_from(">hhh", told, 10 + 6 * i) for i in range(struct.unpack_from(">i", told, 6)[0])]
    for key, low, high in ranges:
        for version in range(low, high + 1):
            for _ in range(6):
                body = dice.randbytes(dice.choice((0, 1, 8, 40, 300)))
                with connect(server) as connection:
                    connection.sendall(frame(header(key, version) + body))
                    connection.shutdown(socket.SHUT_WR)
                    answer(connection)
    assert server.process.poll() is None, server.log_tail()
    good()


def test_random_bytes_harm_nobody(server, good):
    dice = random.Random(4)
    for _ in range(200):
        with connect(server) as connection:
            try:
                connection.sendall(dice.randbytes(dice.randrange(1, 5000)))
            except ConnectionError:
                continue
    good()


def test_a_client_that_stops_reading_does_not_fill_the_memory(server, good):
    before = memory(server)
    # Metadata of all topics: an answer that is much larger than its request.
    request = frame(header(3, 1) + struct.pack(">i", -1))
    with connect(server) as connection:
        connection.setblocking(False)
        sent = 0

        def stuck():
            nonlocal sent
            try:
                sent += connection.send(request * 1000)
            except BlockingIOError:
                return True
            return sent > 64 << 20

        eventually(stuck, "the server takes more and more requests")
        assert sent <= 64 << 20, "the server reads on from a client that takes no answers"
        good()
        assert memory(server) - before < 128 << 20
    good()
