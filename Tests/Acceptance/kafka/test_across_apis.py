"""What one API writes another reads: HTTP, Kafka, and the objects of the bucket."""
import base64
import json
import time

import pytest
import requests
from confluent_kafka import Producer

import harness
import programs
from programs import record


@pytest.fixture(params=["kcat", "confluent", "java"])
def client(request, client_programs, server):
    return client_programs.client(request.param, server.kafka)


def test_what_is_posted_over_http_is_read_over_kafka_with_key_and_time(client, server, request):
    topic = f"posted-{request.node.callspec.params['client']}.pin"
    before = int(time.time() * 1000)
    body = {"records": [
        {"key": base64.b64encode(b"key").decode(), "value": base64.b64encode(b"value").decode(), "partition": 0},
        {"value": base64.b64encode(b"no key").decode(), "partition": 0}]}
    answer = requests.post(
        f"http://{server.ingest}/test/topics/{topic}", data=json.dumps(body),
        headers={"Content-Type": harness.KAFKA_BINARY}, timeout=30)
    assert answer.status_code == 200, answer.text
    got = client.consume(topic, 2)
    assert [(r["key"], r["value"], r["headers"]) for r in got] == [("key", "value", []), (None, "no key", [])]
    assert all(before - 1 <= r["timestamp"] <= time.time() * 1000 + 1 for r in got)


def test_what_is_produced_over_kafka_is_in_the_bucket(client, server, request):
    topic = f"produced-{request.node.callspec.params['client']}.pin"
    rows = [{"index": number, "title": f"pin {number}"} for number in range(30)]
    for start, codec in zip(range(0, 30, 6), programs.CODECS):
        client.produce(topic, [record(i, value=json.dumps(rows[i])) for i in range(start, start + 6)], codec)
    server.wait_until_stored({topic: 30})
    assert harness.records(server.data, topic) == rows


def test_posts_and_records_of_clients_share_one_order(client, server, request):
    topic = f"mixed-{request.node.callspec.params['client']}.pin"
    for number in range(10):
        if number % 2:
            server.post(topic, {"index": number})
        else:
            client.produce(topic, [record(number, value=json.dumps({"index": number}))])
    got = client.consume(topic, 10)
    assert [json.loads(r["value"])["index"] for r in sorted(got, key=lambda r: r["offset"])] == list(range(10))
    server.wait_until_stored({topic: 10})
    assert [row["index"] for row in harness.records(server.data, topic)] == list(range(10))


@pytest.mark.parametrize("ending", ["commit", "abort"])
def test_markers_of_transactions_count_as_stored(server, ending):
    topic = f"ended-by-{ending}.pin"
    server.post(topic, {"index": 0})
    producer = Producer({"bootstrap.servers": server.kafka, "transactional.id": f"sink-{ending}"})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, b'{"index": 1}')
    producer.flush(30)
    getattr(producer, f"{ending}_transaction")(30)
    expected = [{"index": 0}, {"index": 1}][:2 if ending == "commit" else 1]
    server.wait_until_stored({topic: len(expected)})
    assert harness.records(server.data, topic) == expected
