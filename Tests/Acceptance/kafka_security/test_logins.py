"""Clients log in by name and password: over plain text and TLS, right and wrong."""
import itertools
import pathlib
import socket
import ssl
import struct
import subprocess

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError

import harness
from harness import CHECKOUT, eventually
from security_parts import add_user, client, login, refusals, round_trip

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
numbers = itertools.count()


@pytest.fixture(params=["plain text", "TLS"])
def transport(request, tls):
    """The server, and the certificates where it speaks TLS."""
    if request.param == "TLS":
        return request.getfixturevalue("tls_server"), tls
    return request.getfixturevalue("plain_server"), None


def topic():
    return f"topic-{next(numbers)}"


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_confluent_kafka_logs_in(transport, mechanism):
    server, tls = transport
    round_trip(login(server, mechanism, "alice", "alice-secret", tls), topic())


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_kcat_logs_in(plain_server, mechanism):
    """Debian's librdkafka 2.0.2 sends its own part of SCRAM's nonce twice."""
    settings = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanisms": mechanism, "sasl.username": "alice",
                "sasl.password": "alice-secret"}
    options = [word for each in settings.items() for word in ("-X", "=".join(each))]
    done = subprocess.run(["kcat", "-b", plain_server.kafka, *options, "-L"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "1 brokers:" in done.stdout, done.stderr


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(transport, mechanism):
    server, tls = transport
    wrong = refusals(login(server, mechanism, "alice", "wrong", tls))
    unknown = refusals(login(server, mechanism, "nobody", "wrong", tls))
    expected = "Invalid username or password" if mechanism == "PLAIN" else f"invalid credentials with SASL mechanism {mechanism}"
    assert expected in wrong and expected in unknown


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_kafka_python_logs_in(transport, mechanism):
    server, tls = transport
    settings = {
        "bootstrap_servers": server.kafka, "security_protocol": "SASL_SSL" if tls else "SASL_PLAINTEXT",
        "sasl_mechanism": mechanism, "sasl_plain_username": "alice", "sasl_plain_password": "alice-secret"}
    if tls:
        settings["ssl_context"] = ssl.create_default_context(cafile=tls.path("ca.pem"))
    name = topic()
    producer = KafkaProducer(**settings)
    producer.send(name, b"value").get(30)
    producer.close()
    consumer = KafkaConsumer(name, auto_offset_reset="earliest", consumer_timeout_ms=30_000, **settings)
    assert next(consumer).value == b"value"
    consumer.close()


def test_kafka_python_is_refused(plain_server):
    with pytest.raises(KafkaError):
        KafkaProducer(
            bootstrap_servers=plain_server.kafka, security_protocol="SASL_PLAINTEXT", sasl_mechanism="SCRAM-SHA-512",
            sasl_plain_username="alice", sasl_plain_password="wrong", bootstrap_timeout_ms=3000)


class OldClient:
    """Logs in as clients did before SaslAuthenticate: bare tokens after SaslHandshake of version 0."""

    def __init__(self, server):
        host, port = server.kafka.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=30)

    def send(self, body):
        self.socket.sendall(struct.pack(">i", len(body)) + body)

    def receive(self):
        """The next answer without its length; None when the connection has ended."""
        data = b""
        while len(data) < 4 or len(data) < 4 + struct.unpack(">i", data[:4])[0]:
            more = self.socket.recv(65536)
            if not more:
                assert data == b""
                return None
            data += more
        return data[4:]

    def handshake(self, mechanism):
        self.send(struct.pack(">hhih", 17, 0, 1, -1) + struct.pack(">h", len(mechanism)) + mechanism)
        return struct.unpack(">ih", self.receive()[:6])

    def api_versions(self):
        self.send(struct.pack(">hhih", 18, 0, 2, -1))
        return struct.unpack(">ih", self.receive()[:6])


def test_an_older_client_logs_in_by_bare_tokens(plain_server):
    old = OldClient(plain_server)
    assert old.handshake(b"PLAIN") == (1, 0)
    old.send(b"\0alice\0alice-secret")
    assert old.receive() == b""
    assert old.api_versions() == (2, 0)


def test_an_older_client_logs_in_by_several_bare_tokens(plain_server):
    old = OldClient(plain_server)
    assert old.handshake(b"SCRAM-SHA-256") == (1, 0)
    old.send(b"n,,n=alice,r=abcdef")
    first = dict(field.split("=", 1) for field in old.receive().decode().split(","))
    assert first["r"].startswith("abcdef") and first["i"] == "4096"
    old.send(b"c=biws,r=" + first["r"].encode() + b",p=AAAA")
    assert old.receive() is None


@pytest.mark.parametrize("token", [b"\0alice\0wrong", b"", b"x" * 100])
def test_an_older_client_is_refused_by_the_end_of_the_connection(plain_server, token):
    old = OldClient(plain_server)
    assert old.handshake(b"PLAIN") == (1, 0)
    old.send(token)
    assert old.receive() is None


def test_a_bare_token_has_a_limit(plain_server):
    old = OldClient(plain_server)
    assert old.handshake(b"PLAIN") == (1, 0)
    old.socket.sendall(struct.pack(">i", 1 << 30))
    assert old.receive() is None


def test_nothing_is_answered_without_a_login(plain_server):
    refusals(client(plain_server))


def test_a_mechanism_that_is_not_enabled_is_refused(serve):
    server = serve(env={
        "PINLINE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "PINLINE_SASL_ENABLED_MECHANISMS": "SCRAM-SHA-512"})
    add_user(server, "alice", "alice-secret")
    assert "SCRAM-SHA-512" in refusals(login(server, "PLAIN", "alice", "alice-secret"))


def test_users_come_and_change_while_the_server_runs(plain_server):
    refusals(login(plain_server, "PLAIN", "carol", "first"))
    add_user(plain_server, "carol", "first", ["SCRAM-SHA-512"])
    round_trip(login(plain_server, "PLAIN", "carol", "first"), topic())
    add_user(plain_server, "carol", "second", ["SCRAM-SHA-512"])
    round_trip(login(plain_server, "SCRAM-SHA-512", "carol", "second"), topic())
    refusals(login(plain_server, "SCRAM-SHA-512", "carol", "first"))
    refusals(login(plain_server, "SCRAM-SHA-256", "carol", "second"))


def test_users_of_the_command_line_log_in(plain_server):
    where = ("--data", plain_server.data)
    harness.succeed("users", "add", "dora", *where, env={"PINLINE_PASSWORD": "dora's own"})
    for mechanism in MECHANISMS:
        round_trip(login(plain_server, mechanism, "dora", "dora's own"), topic())
    harness.succeed("users", "remove", "dora", *where)
    refusals(login(plain_server, "SCRAM-SHA-256", "dora", "dora's own"))


@pytest.fixture(scope="module")
def java(tmp_path_factory):
    """Apache Kafka's own client, as a program that takes a client.properties."""
    jars = sorted((CHECKOUT / ".tools" / "kafka-clients").glob("*.jar"))
    assert jars, "Apache Kafka's client is not in .tools/kafka-clients: run scripts/bootstrap --tests"
    folder = tmp_path_factory.mktemp("java")
    path = ":".join([*map(str, jars), str(folder)])
    source = pathlib.Path(__file__).parent / "RoundTrip.java"
    subprocess.run(["javac", "-cp", path, "-d", str(folder), str(source)], check=True, timeout=120)

    def run(properties, name):
        file = folder / "client.properties"
        file.write_text(properties)
        return subprocess.run(
            ["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", path, "RoundTrip", str(file), name],
            capture_output=True, text=True, timeout=120)

    return run


def properties(server, mechanism, password, tls):
    module = "plain.PlainLoginModule" if mechanism == "PLAIN" else "scram.ScramLoginModule"
    lines = [
        f"bootstrap.servers={server.kafka}", f"security.protocol={'SASL_SSL' if tls else 'SASL_PLAINTEXT'}",
        f"sasl.mechanism={mechanism}",
        f'sasl.jaas.config=org.apache.kafka.common.security.{module} required username="alice" password="{password}";']
    if tls:
        lines += ["ssl.truststore.type=PEM", f"ssl.truststore.location={tls.path('ca.pem')}"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_the_java_client_logs_in(transport, java, mechanism):
    server, tls = transport
    done = java(properties(server, mechanism, "alice-secret", tls), topic())
    assert done.stdout == "value\n", done.stderr[-3000:]


def test_the_java_client_is_told_why_it_is_refused(plain_server, java):
    done = java(properties(plain_server, "SCRAM-SHA-512", "wrong", None), topic())
    assert done.returncode != 0
    assert "SaslAuthenticationException: Authentication failed during authentication due to invalid credentials" in done.stderr


def test_wrong_logins_are_slowed(serve):
    server = serve(env={
        "PINLINE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "PINLINE_SASL_ENABLED_MECHANISMS": "PLAIN",
        "PINLINE_CONNECTION_FAILED_AUTHENTICATION_DELAY_MS": "500"})
    # It tries again at once, and gets two or three answers in four seconds (0.5, 1 and 2 s apart), not hundreds.
    told = refusals(login(server, "PLAIN", "alice", "guess", reconnect_backoff_ms=1, reconnect_backoff_max_ms=1), 4)
    assert eventually(lambda: server.log_tail().count("login failed"), "no failed login in the log") <= 5
    assert "Invalid username" in told
