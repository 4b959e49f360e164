"""Certificates, users and access keys for the tests of the Kafka port's security, and what clients do there."""
import base64
import hashlib
import hmac
import os
import sqlite3

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

DEADLINE = 30
HASHES = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}
ACCESS_KEYS = "User name,Access key ID,Secret access key\r\nada,AKIAADA,ada/secret+key\r\nbob,AKIABOB,bob-secret\r\n"


# ---- What an operator prepares

def add_user(server, name, password, mechanisms=tuple(HASHES), iterations=4096):
    """Writes a user where the running server looks, in the form of Apache Kafka."""
    with sqlite3.connect(server.data / "state.sqlite", timeout=10) as database:
        for mechanism in mechanisms:
            text = _credential(HASHES[mechanism], password, iterations)
            database.execute("INSERT OR REPLACE INTO scram_credential VALUES (?, ?, ?)", (name, mechanism, text))


def _credential(algorithm, password, iterations):
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac(algorithm, password.encode(), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", algorithm)
    parts = {
        "salt": salt, "stored_key": hashlib.new(algorithm, client_key).digest(),
        "server_key": hmac.digest(salted, b"Server Key", algorithm)}
    return ",".join(f"{name}={base64.b64encode(value).decode()}" for name, value in parts.items()) + f",iterations={iterations}"


# ---- What its users do

def client(server, **settings):
    return {"bootstrap.servers": server.kafka, "socket.timeout.ms": 10_000, "log_level": 2,
            **{name if name.endswith("_cb") else name.replace("_", "."): value for name, value in settings.items()}}


def login(server, mechanism, user, password, tls=None, **settings):
    transport = {"security_protocol": "SASL_SSL", "ssl_ca_location": tls.path("ca.pem")} if tls else {
        "security_protocol": "SASL_PLAINTEXT"}
    return client(server, sasl_mechanism=mechanism, sasl_username=user, sasl_password=password, **transport, **settings)


def make_topic(settings, topic):
    # A client without a name would be gone before the answer.
    admin = AdminClient(settings)
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(DEADLINE)


def round_trip(settings, topic):
    """Makes a topic, produces and consumes one record with confluent-kafka."""
    make_topic(settings, topic)
    assert produce(settings, topic) is None
    assert consume(settings, topic) == b"value"


def produce(settings, topic):
    """The delivery's error, or None."""
    outcome = []
    producer = Producer({**settings, "message.timeout.ms": 10_000})
    producer.produce(topic, b"value", on_delivery=lambda error, _: outcome.append(error))
    assert producer.flush(DEADLINE) == 0
    return outcome[0]


def consume(settings, topic):
    consumer = Consumer({**settings, "group.id": "reader", "enable.auto.commit": False})
    try:
        consumer.assign([TopicPartition(topic, 0, 0)])
        message = consumer.poll(DEADLINE)
        assert message is not None, "no record came"
        if message.error():
            raise KafkaException(message.error())
        return message.value()
    finally:
        consumer.close()


def refusals(settings, seconds=2):
    """What confluent-kafka tells of its failed logins in that time; fails if it gets in."""
    told = []
    admin = AdminClient({**settings, "error_cb": told.append})
    try:
        admin.list_topics(timeout=seconds)
    except KafkaException:
        admin.poll(0.1)
        return " ".join(error.str() for error in told)
    raise AssertionError("it got in")
