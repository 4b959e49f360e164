"""Requests that their senders repeat: one record each, whatever happens between."""
import json
import threading

import requests

import harness
from gateway_parts import end_of, post

TOPIC = "once.pin"


def keyed(server, key, **options):
    return post(server, TOPIC, headers={"Idempotency-Key": key}, **options)


def test_a_repeated_request_gets_the_first_answer_and_makes_no_second_record(serve):
    server = serve()
    first = keyed(server, "a", rows=[{"index": 1}, {"index": 2}])
    assert first.status_code == 200 and "Idempotency-Replayed" not in first.headers
    for _ in range(3):
        again = keyed(server, "a", rows=[{"index": 1}, {"index": 2}])
        assert (again.status_code, again.content) == (200, first.content)
        assert again.headers["Content-Type"] == first.headers["Content-Type"]
        assert again.headers["Idempotency-Replayed"] == "true"
    assert keyed(server, "b", rows=[{"index": 1}]).json()["offsets"][0]["offset"] == 2
    assert end_of(server, TOPIC) == 3


def test_another_body_under_the_same_key_is_refused(serve):
    server = serve()
    assert keyed(server, "a", rows=[{"index": 1}]).status_code == 200
    other = keyed(server, "a", rows=[{"index": 2}])
    assert other.status_code == 422 and "Idempotency-Key" in other.json()["message"], other.text
    assert end_of(server, TOPIC) == 1
    assert keyed(server, "é".encode().decode("latin-1"), rows=[{"index": 2}]).status_code == 400


def test_a_refused_request_may_be_mended_and_sent_again(serve):
    server = serve()
    assert keyed(server, "a", body="{").status_code == 400
    assert keyed(server, "a", rows=[{"index": 1}]).status_code == 200


def test_twenty_at_once_make_one_record(serve):
    server = serve()
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(keyed(server, "a", rows=[{"index": 1}]))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert end_of(server, TOPIC) == 1


def test_the_answer_is_the_same_after_a_crash(serve):
    server = serve()
    first = keyed(server, "a", rows=[{"index": 1}])
    server.kill()
    server.start()
    again = keyed(server, "a", rows=[{"index": 1}])
    assert (again.status_code, again.content) == (200, first.content)
    assert end_of(server, TOPIC) == 1


def test_requests_that_crashes_cut_off_are_repeated_without_a_second_record(serve, tmp_path):
    """Kills the server while clients post, lets each repeat what it has no answer to, and counts."""
    server = serve(env={"PINLINE_LOG_NUM_PARTITIONS": "3"})
    rows, clients, rounds = 3, 8, 4
    acknowledged = [[] for _ in range(clients)]
    stop = threading.Event()

    def work(client):
        number = 0
        while not stop.is_set():
            body = [{"index": f"{client}-{number}-{row}"} for row in range(rows)]
            with requests.Session() as session:
                while not stop.is_set():
                    try:
                        answer = keyed(server, f"{client}-{number}", rows=body, session=session)
                    except requests.RequestException:
                        continue
                    if answer.status_code == 200:
                        acknowledged[client].append([(o["partition"], o["offset"]) for o in answer.json()["offsets"]])
                        number += 1
                        break

    threads = [threading.Thread(target=work, args=(client,)) for client in range(clients)]
    assert keyed(server, "warm", rows=[{"index": "warm"}]).status_code == 200
    server.ingest_address = server.ingest
    server.kafka_address = server.kafka
    for thread in threads:
        thread.start()
    try:
        for turn in range(rounds):
            before = sum(map(len, acknowledged))
            harness.eventually(lambda: sum(map(len, acknowledged)) > before + 20, "nobody gets on")
            server.kill()
            server.start()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    # Each client's last request may be there or not; whole or not at all, since it is repeated here.
    for client in range(clients):
        number = len(acknowledged[client])
        body = [{"index": f"{client}-{number}-{row}"} for row in range(rows)]
        answer = keyed(server, f"{client}-{number}", rows=body)
        assert answer.status_code == 200, answer.text
        acknowledged[client].append([(o["partition"], o["offset"]) for o in answer.json()["offsets"]])
    places = [place for client in acknowledged for request in client for place in request]
    assert len(places) == len(set(places))
    harness.eventually(lambda: server.lag() == 0, "the sink does not come to the end")
    stored = harness.lines(server.data, TOPIC)
    values = sorted(json.loads(line)["index"] for line in stored.values())
    expected = sorted(
        ["warm"] + [f"{client}-{number}-{row}" for client in range(clients)
                    for number in range(len(acknowledged[client])) for row in range(rows)])
    assert values == expected
    for client, answers in enumerate(acknowledged):
        for number, request in enumerate(answers):
            for row, place in enumerate(request):
                assert json.loads(stored[place])["index"] == f"{client}-{number}-{row}"


def test_the_record_carries_its_key_for_those_who_look(serve):
    from confluent_kafka import Consumer, TopicPartition
    server = serve()
    assert keyed(server, "a", rows=[{"index": 1}]).status_code == 200
    consumer = Consumer({"bootstrap.servers": server.kafka, "group.id": "look"})
    try:
        consumer.assign([TopicPartition(TOPIC, 0, 0)])
        (name, value), = consumer.poll(20).headers()
        assert name == "idempotency-key" and value.endswith(b"/0/0") and len(value) == 36
    finally:
        consumer.close()
