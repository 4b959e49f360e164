"""One consumer instance: what it reads, from where, and in which form."""
import socket
import time

import requests
from confluent_kafka import Producer

from harness import eventually
from instances import BINARY, CONTROL, DEADLINE, JSON, encoded, fresh, values


def test_the_loop_of_the_course_returns_what_was_posted(server):
    """Create, subscribe, poll twice, delete; addressed by hand, not by base_uri, as that script does."""
    topic = "12f4a3e5b9c5.pin"
    rows = [{"index": 7528, "title": "Größe"}, {"index": 2863, "title": "No Title"}]
    server.post(topic, *rows)
    host = f"http://{server.ingest}/prod"
    control = {"Content-Type": CONTROL}
    created = requests.post(
        f"{host}/consumers/students", headers=control,
        json={"name": "pin_consumer", "format": "json", "auto.offset.reset": "earliest"}, timeout=DEADLINE)
    # `json=` sets application/json, but the script's own header stands.
    assert created.status_code == 200, created.text
    instance = f"{host}/consumers/students/instances/pin_consumer"
    assert created.json() == {"instance_id": "pin_consumer", "base_uri": instance}
    subscribed = requests.post(
        f"{instance}/subscription", headers=control, json={"topics": [topic]}, timeout=DEADLINE)
    assert subscribed.status_code == 204
    polled = []
    for _ in range(2):
        answer = requests.get(f"{instance}/records", headers={"Accept": JSON}, timeout=DEADLINE)
        assert answer.status_code == 200, answer.text
        polled += answer.json()
    assert polled == [
        {"topic": topic, "key": None, "value": row, "partition": 0, "offset": offset}
        for offset, row in enumerate(rows)]
    assert requests.delete(instance, headers=control, timeout=DEADLINE).status_code == 204
    gone = requests.get(f"{instance}/records", headers={"Accept": JSON}, timeout=DEADLINE)
    assert (gone.status_code, gone.json()["error_code"]) == (404, 40403)


def test_keys_and_values_come_in_the_instances_format(proxy):
    topic = fresh("topic")
    proxy.produce(topic, {"key": {"k": 1}, "value": [1, None, "x"]}, {"value": None}, {"key": "a", "value": ""})
    binary = proxy.create(**{"auto.offset.reset": "earliest"})
    binary.post("subscription", {"topics": [topic]})
    found = binary.poll_until(3)
    assert [(r["key"], r["value"]) for r in found] == [
        (encoded('{"k": 1}'), encoded('[1, null, "x"]')), (None, None), (encoded('"a"'), encoded('""'))]
    read = proxy.reading(topic).poll_until(3)
    assert [(r["key"], r["value"]) for r in read] == [({"k": 1}, [1, None, "x"]), (None, None), ("a", "")]


def test_the_accept_header_chooses_the_format(proxy):
    topic = fresh("topic")
    proxy.produce(topic, {"value": 1})
    binary = proxy.create(**{"auto.offset.reset": "earliest"})
    binary.post("subscription", {"topics": [topic]})
    for accept, status, answered in [
        ("*/*", 200, BINARY), (CONTROL, 200, CONTROL), (f"{CONTROL};q=0.5, {BINARY};q=0.9", 200, BINARY),
        (JSON, 406, CONTROL), ("application/vnd.kafka.avro.v2+json", 406, CONTROL), ("text/html", 406, CONTROL),
    ]:
        answer = binary.call("GET", "records", headers={"Accept": accept}, params={"timeout": 1}, status=status)
        assert answer.headers["Content-Type"] == answered, accept
    mismatch = binary.call("GET", "records", headers={"Accept": JSON}, status=406).json()
    assert mismatch == {
        "error_code": 40601,
        "message": "The requested embedded data format does not match the deserializer for this consumer instance"}
    unknown = binary.call("GET", "records", headers={"Accept": "text/html"}, status=406).json()
    assert unknown == {"error_code": 406, "message": "HTTP 406 Not Acceptable"}


def test_a_read_waits_its_time_unless_enough_comes(proxy):
    topic = proxy.make_topic()
    patient = proxy.reading(topic, **{"fetch.min.bytes": -1, "consumer.request.timeout.ms": 700})
    proxy.produce(topic, {"value": "x"})
    began = time.monotonic()
    assert values(patient.poll()) == ["x"]
    assert 0.6 < time.monotonic() - began < 5
    began = time.monotonic()
    assert patient.poll(timeout=50) == []
    assert time.monotonic() - began < 0.6, "timeout lowers the wait"
    eager = proxy.reading(topic, **{"consumer.request.timeout.ms": 20000})
    began = time.monotonic()
    assert values(eager.poll_until(1)) == ["x"]
    assert time.monotonic() - began < 10, "more than fetch.min.bytes end the wait"


def test_a_read_that_waits_is_answered_when_something_comes(proxy):
    topic = proxy.make_topic()
    instance = proxy.reading(topic, **{"consumer.request.timeout.ms": 20000})
    assert instance.poll(timeout=500) == []
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(instance.poll)
        proxy.produce(topic, {"value": "now"})
        assert values(waiting.result(10)) == ["now"]


def test_max_bytes_bounds_a_read_and_nothing_is_left_out(proxy):
    topic = fresh("topic")
    proxy.produce(topic, *[{"value": "x" * 98}] * 20)
    instance = proxy.reading(topic, **{"fetch.min.bytes": -1})
    sizes, offsets = [], []
    while len(offsets) < 20:
        polled = instance.poll(max_bytes=301)
        sizes.append(len(polled))
        offsets += [r["offset"] for r in polled]
    assert set(sizes) <= {3, 2} and offsets == list(range(20))
    small = proxy.reading(topic)
    assert len(small.poll(max_bytes=1)) == 1, "however little is asked for, one record comes"


def test_where_nothing_is_committed_the_rule_of_the_instance_counts(proxy):
    topic = fresh("topic")
    proxy.produce(topic, {"value": "before"})
    latest = proxy.create(format="json")
    latest.post("subscription", {"topics": [topic]})
    assert latest.poll() == []
    proxy.produce(topic, {"value": "after"})
    assert values(latest.poll_until(1)) == ["after"]
    careful = proxy.reading(topic, **{"auto.offset.reset": "none"})
    status, code, message = careful.refused("GET", "records", headers={"Accept": JSON})
    assert (status, code) == (500, 50002)
    assert message == f"Kafka error: Undefined offset with no reset policy for partitions: [{topic}-0]"


def test_what_is_no_json_stops_a_json_instance_until_it_is_passed(server, proxy):
    topic = proxy.make_topic()
    producer = Producer({"bootstrap.servers": server.kafka})
    for value in ['"good"', "not json", "7"]:
        producer.produce(topic, value)
    assert producer.flush(DEADLINE) == 0
    instance = proxy.reading(topic)
    assert values(instance.poll_until(1)) == ["good"]
    for _ in range(2):
        status, code, message = instance.refused("GET", "records", headers={"Accept": JSON})
        assert (status, code) == (408, 40801)
        assert f"{topic}-0 at offset 1" in message
    instance.post("positions", {"offsets": [{"topic": topic, "partition": 0, "offset": 2}]})
    assert values(instance.poll_until(1)) == [7]


def test_records_of_native_clients_are_read_whatever_their_compression(server, proxy):
    topic = proxy.make_topic()
    for kind in ["none", "gzip", "snappy", "lz4", "zstd"]:
        producer = Producer({"bootstrap.servers": server.kafka, "compression.type": kind, "linger.ms": 20})
        for number in range(50):
            producer.produce(topic, f'{{"kind": "{kind}", "number": {number}}}')
        assert producer.flush(DEADLINE) == 0
    found = proxy.reading(topic).poll_until(250)
    assert [r["offset"] for r in found] == list(range(250))
    assert found[249]["value"] == {"kind": "zstd", "number": 49}


def test_records_of_open_and_aborted_transactions_are_not_read(server, proxy):
    topic = proxy.make_topic()
    producer = Producer({"bootstrap.servers": server.kafka, "transactional.id": fresh("txn")})
    producer.init_transactions(DEADLINE)
    producer.begin_transaction()
    producer.produce(topic, "1")
    producer.flush(DEADLINE)
    instance = proxy.reading(topic)
    assert instance.poll(timeout=300) == []
    producer.abort_transaction(DEADLINE)
    producer.begin_transaction()
    producer.produce(topic, "2")
    producer.commit_transaction(DEADLINE)
    assert values(instance.poll_until(1)) == [2]


def test_chosen_partitions_are_read_without_a_group(proxy):
    topic = proxy.make_topic(partitions=3)
    proxy.produce(topic, *[{"value": p, "partition": p} for p in range(3)])
    instance = proxy.create(**{"format": "json", "auto.offset.reset": "earliest", "fetch.min.bytes": 0})
    instance.post("assignments", {"partitions": [{"topic": topic, "partition": p} for p in (0, 2)]})
    assert instance.assignment() == [(topic, 0), (topic, 2)]
    assert sorted(values(instance.poll_until(2))) == [0, 2]
    status, code, message = instance.refused("POST", "subscription", {"topics": [topic]})
    assert (status, code, message) == (
        409, 40903, "Illegal state: Subscription to topics, partitions and pattern are mutually exclusive")
    instance.call("DELETE", "subscription", status=204)
    instance.post("subscription", {"topics": [topic]})


def test_positions_move_by_offset_time_and_to_the_ends(server, proxy):
    topic = proxy.make_topic()
    producer = Producer({"bootstrap.servers": server.kafka})
    for number, second in enumerate([1_700_000_000, 1_700_000_060, 1_700_000_120]):
        producer.produce(topic, str(number), timestamp=second * 1000)
    assert producer.flush(DEADLINE) == 0
    instance = proxy.reading(topic)
    here = {"topic": topic, "partition": 0}
    status, code, message = instance.refused("POST", "positions/end", {"partitions": [here]})
    assert (status, code, message) == (409, 40903, f"Illegal state: No current assignment for partition {topic}-0")
    assert values(instance.poll_until(3)) == [0, 1, 2]
    instance.post("positions/beginning", {"partitions": [here]})
    assert values(instance.poll_until(3)) == [0, 1, 2]
    instance.post("positions", {"offsets": [{**here, "offset": 2, "metadata": "why"}]})
    assert values(instance.poll_until(1)) == [2]
    for stamp in ["2023-11-14T22:14:20Z", "2023-11-14T23:14:20.000+01:00", 1_700_000_060, 1_700_000_060_000]:
        instance.post("positions", {"timestamps": [{**here, "timestamp": stamp}]})
        assert values(instance.poll_until(2)) == [1, 2], stamp
    instance.post("positions", {"timestamps": [{**here, "timestamp": "2030-01-01T00:00:00Z"}]})
    assert instance.poll(timeout=200) == []
    instance.post("positions/beginning", {"partitions": [here]})
    instance.post("positions/end", {"partitions": [here]})
    assert instance.poll(timeout=200) == []


def test_a_pattern_picks_up_topics_that_come_later(proxy):
    user = fresh("user")
    proxy.produce(f"{user}.pin", {"value": "pin"})
    instance = proxy.create(**{"format": "json", "auto.offset.reset": "earliest", "fetch.min.bytes": 0})
    instance.post("subscription", {"topic_pattern": f"{user}\\..*"})
    assert values(instance.poll_until(1)) == ["pin"]
    proxy.produce(f"{user}.geo", {"value": "geo"})
    proxy.produce(f"another-{user}.geo", {"value": "not this"})
    assert values(instance.poll_until(1)) == ["geo"]
    topics = instance.call("GET", "subscription", status=200).json()
    assert topics == {"topics": [f"{user}.geo", f"{user}.pin"]}


def test_a_client_that_goes_away_is_handed_nothing(proxy):
    topic = proxy.make_topic()
    instance = proxy.reading(topic, **{"consumer.request.timeout.ms": 60000})
    assert instance.poll(timeout=500) == []
    host, port = proxy.server.ingest.rsplit(":", 1)
    with socket.create_connection((host, int(port))) as impatient:
        path = instance.uri.split("/", 3)[3]
        impatient.sendall(f"GET /{path}/records HTTP/1.1\r\nHost: x\r\nAccept: {JSON}\r\n\r\n".encode())
        impatient.settimeout(0.3)
        try:
            impatient.recv(1)
        except TimeoutError:
            pass
    proxy.produce(topic, {"value": "kept"})
    found = []
    eventually(lambda: found.extend(instance.poll(timeout=200)) or found, "the record comes")
    assert values(found) == ["kept"]
