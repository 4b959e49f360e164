"""A topic is deleted and made anew under its name: its records are stored, and nothing is written over."""
import json

import pytest
import requests
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

import harness

TOPIC = f"{harness.USER}.pin"
FOLDER = f"topics/{TOPIC}/partition=0"


def admin(server):
    return AdminClient({"bootstrap.servers": server.kafka})


def delete(server):
    client = admin(server)
    client.delete_topics([TOPIC])[TOPIC].result(30)


def recreate(server):
    delete(server)
    client = admin(server)
    client.create_topics([NewTopic(TOPIC, 1)])[TOPIC].result(30)


def produce(server, rows):
    producer = Producer({"bootstrap.servers": server.kafka, "acks": "all"})
    for row in rows:
        producer.produce(TOPIC, json.dumps(row), partition=0)
    assert producer.flush(30) == 0


def rows(count, life):
    return [{"index": number, "life": life} for number in range(count)]


def stored(server):
    """The records of every object, each object's own list, by the part of its name before the partition."""
    found = {}
    for name, content in harness.objects(server.data, TOPIC).items():
        stem = name.removeprefix(FOLDER + "/").split("+")[0]
        found.setdefault(stem, []).extend(json.loads(line) for line in content.splitlines())
    return found


def wait_until_stored(server, expected):
    harness.eventually(
        lambda: server.lag() == 0 and stored(server) == expected,
        lambda: f"stored: {stored(server)}\nlag {server.lag()}\n{server.log_tail()}")


@pytest.mark.parametrize("counts", [(5, 5), (9, 2), (2, 9)], ids=["same", "shorter", "longer"])
def test_while_the_server_runs(server, counts):
    before, after = counts
    produce(server, rows(before, 0))
    wait_until_stored(server, {TOPIC: rows(before, 0)})
    old = harness.objects(server.data)
    recreate(server)
    produce(server, rows(after, 1))
    wait_until_stored(server, {TOPIC: rows(before, 0), f"{TOPIC}~1": rows(after, 1)})
    now = harness.objects(server.data)
    assert {name: now[name] for name in old} == old
    assert requests.get(f"http://{server.web}/readyz", timeout=10).status_code == 200


def test_the_same_records_again_are_stored_again(server):
    for _ in range(2):
        produce(server, rows(4, 0))
        harness.eventually(lambda: server.lag() == 0 and stored(server), "nothing is stored")
        if len(stored(server)) == 1:
            recreate(server)
    wait_until_stored(server, {TOPIC: rows(4, 0), f"{TOPIC}~1": rows(4, 0)})


def test_across_restarts_and_kills(serve):
    """Deleted in one run, made anew in the next; the third life is killed while its objects are under way."""
    server = serve(env={"PINLINE_SINK_FLUSH_SIZE": "3"})
    produce(server, rows(7, 0))
    wait_until_stored(server, {TOPIC: rows(7, 0)})
    delete(server)
    assert server.stop() == 0, server.log_tail()
    server.start()
    server.post(TOPIC, *rows(5, 1))
    expected = {TOPIC: rows(7, 0), f"{TOPIC}~1": rows(5, 1)}
    wait_until_stored(server, expected)
    recreate(server)
    for number in range(0, 12, 4):
        produce(server, rows(12, 2)[number:number + 4])
        server.kill()
        server.start()
    wait_until_stored(server, {**expected, f"{TOPIC}~2": rows(12, 2)})


def test_records_deleted_with_their_topic_hold_nothing_up(serve):
    """The topic goes while its records wait for their object; another topic goes on, and so does the next life."""
    server = serve(env={"PINLINE_SINK_ROTATE_SCHEDULE_INTERVAL_MS": "3600000", "PINLINE_SINK_FLUSH_SIZE": "3"})
    produce(server, rows(4, 0))
    harness.eventually(lambda: stored(server) == {TOPIC: rows(3, 0)}, lambda: f"stored: {stored(server)}")
    delete(server)
    server.kill()
    server.env = harness.QUICK_SINK
    server.start()
    server.post(f"{harness.USER}.geo", {"ind": 1})
    server.post(TOPIC, *rows(2, 1))
    wait_until_stored(server, {TOPIC: rows(3, 0), f"{TOPIC}~1": rows(2, 1)})
    assert harness.records(server.data, f"{harness.USER}.geo") == [{"ind": 1}]


def test_the_batch_job_reads_the_objects_of_both(server):
    for life in range(2):
        produce(server, [{"index": life, "unique_id": f"u{life}", "title": f"t{life}"}])
        harness.eventually(lambda: server.lag() == 0 and len(stored(server)) == life + 1, "nothing is stored")
        if life == 0:
            recreate(server)
    assert harness.batch("--data", server.data)["rows"]["pin"] == 2
