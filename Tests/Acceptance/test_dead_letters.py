"""Records that are no JSON: kept whole in the dead-letter topic, and in nobody's way."""
import base64
import json

import pytest
from confluent_kafka import Consumer, TopicPartition

import harness

TOPIC = f"{harness.USER}.pin"
LETTERS = "pinline.dead-letters"
LIMIT = 2000


def post(server, *values):
    records = [{"value": base64.b64encode(value).decode()} for value in values]
    answer = server.session.post(
        f"http://{server.ingest}/topics/{TOPIC}", data=json.dumps({"records": records}),
        headers={"Content-Type": harness.KAFKA_BINARY})
    assert answer.status_code == 200, answer.text
    return answer.json()["offsets"]


def letters(server, count):
    consumer = Consumer({"bootstrap.servers": server.kafka, "group.id": "reader", "enable.auto.commit": False})
    consumer.assign([TopicPartition(LETTERS, 0, 0)])
    found = consumer.consume(count, timeout=20)
    consumer.close()
    assert len(found) == count and not any(letter.error() for letter in found)
    return found


@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT])
def test_a_record_as_large_as_allowed_is_set_aside_whole(serve, size):
    """With the headers that say why and from where, the dead letter is larger than `max.message.bytes`."""
    server = serve(env={"PINLINE_LOG_MAX_MESSAGE_BYTES": str(LIMIT)})
    value = b"\xff" * size
    post(server, value, b'{"index":1}')
    server.wait_until_stored({TOPIC: 1})
    letter, = letters(server, 1)
    assert letter.value() == value
    headers = dict(letter.headers())
    assert headers["__connect.errors.topic"] == TOPIC.encode()
    assert headers["__connect.errors.offset"] == b"0"
    assert headers["__connect.errors.exception.message"].startswith(b"not JSON")
