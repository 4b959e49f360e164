"""Records through REST Proxy v3: every form, every fault, streamed; read back by a Kafka client."""
import json
import time

import pytest
import requests

from proxy import Proxy, Stream, b64, fresh, records


def test_a_record_with_everything_is_answered_in_full_and_read_back_whole(server, proxy):
    topic = proxy.make_topic(partitions=3)
    answers = proxy.produce(topic, {
        "partition_id": 2,
        "headers": [{"name": "first", "value": b64(b"1")}, {"name": "first", "value": b64(b"\x00\xff")},
                    {"name": "none", "value": None}, {"name": "\u00fc"}],
        "key": {"type": "BINARY", "data": b64(b"\x00key")},
        "value": {"type": "JSON", "data": {"foo": "b\u00e4r", "n": 1.50}},
        "timestamp": "2021-02-05T19:14:42.123Z"})
    value = json.dumps({"foo": "b\u00e4r", "n": 1.50}).encode()
    assert answers == [{
        "error_code": 200, "cluster_id": proxy.cluster, "topic_name": topic, "partition_id": 2, "offset": 0,
        "timestamp": "2021-02-05T19:14:42.123Z", "key": {"type": "BINARY", "size": 4},
        "value": {"type": "JSON", "size": len(value)}}]
    [message] = records(server, topic, 1, partitions=3)
    assert (message.partition(), message.key(), message.value()) == (2, b"\x00key", value)
    assert message.timestamp()[1] == 1612552482123
    assert message.headers() == [("first", b"1"), ("first", b"\x00\xff"), ("none", None), ("\u00fc", None)]


@pytest.mark.parametrize("content, stored, told", [
    ({"type": "JSON", "data": {"a": [1, 2, {"b": None}]}}, b'{"a": [1, 2, {"b": null}]}', {"type": "JSON", "size": 26}),
    ({"type": "JSON", "data": "text"}, b'"text"', {"type": "JSON", "size": 6}),
    ({"type": "JSON", "data": 12345678901234567890}, b"12345678901234567890", {"type": "JSON", "size": 20}),
    ({"type": "JSON", "data": False}, b"false", {"type": "JSON", "size": 5}),
    ({"type": "STRING", "data": "plain"}, b"plain", {"type": "STRING", "size": 5}),
    ({"type": "STRING", "data": "\u00e4\n\"\U0001f600"}, "\u00e4\n\"\U0001f600".encode(), {"type": "STRING", "size": 8}),
    ({"type": "STRING", "data": ""}, b"", {"type": "STRING", "size": 0}),
    ({"type": "BINARY", "data": b64(bytes(range(256)))}, bytes(range(256)), {"type": "BINARY", "size": 256}),
    ({"type": "BINARY", "data": ""}, b"", {"type": "BINARY", "size": 0}),
    ({"type": "BINARY", "data": None}, None, {"type": "BINARY", "size": -1}),
    ({"type": "JSON", "data": None}, None, {"type": "JSON", "size": -1}),
    ({"type": "STRING"}, None, {"type": "STRING", "size": -1}),
    (None, None, None),
])
def test_keys_and_values_of_every_type_are_stored_as_meant(server, proxy, content, stored, told):
    topic = proxy.make_topic()
    answers = proxy.produce(topic, {"key": content, "value": content}, {"value": content}, {"key": content})
    assert [answer["offset"] for answer in answers] == [0, 1, 2], answers
    assert [answer.get("key") for answer in answers] == [told, None, told]
    assert [answer.get("value") for answer in answers] == [told, told, None]
    found = records(server, topic, 3)
    assert [(m.key(), m.value()) for m in found] == [(stored, stored), (None, stored), (stored, None)]


def test_a_record_without_a_time_gets_the_one_that_its_answer_tells(server, proxy):
    topic = proxy.make_topic()
    before = int(time.time() * 1000) - 2
    [answer] = proxy.produce(topic, {"value": {"type": "STRING", "data": "now"}})
    [message] = records(server, topic, 1)
    stored = message.timestamp()[1]
    assert before <= stored <= time.time() * 1000 + 2
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(stored // 1000))
    assert answer["timestamp"] in (f"{whole}.{stored % 1000:03}Z", f"{whole}Z")


@pytest.mark.parametrize("text, milliseconds", [
    ('"1969-12-31T23:59:59.999Z"', -1), ('"2000-02-29T00:00:00Z"', 951782400000),
    ('"2021-02-05T20:14:42.123456789+01:00"', 1612552482123), ("1612552482", 1612552482000),
    ("1612552482.5", 1612552482500), ('"9999-12-31T23:59:59Z"', 253402300799000),
])
def test_times_are_read_in_every_form_of_the_peer(server, proxy, text, milliseconds):
    topic = proxy.make_topic(configs=[{"name": "retention.ms", "value": "-1"}])
    [answer] = proxy.produce(topic, text='{"value": {"type": "STRING", "data": "x"}, "timestamp": %s}' % text)
    assert answer["error_code"] == 200, answer
    # The client's library knows no time before 1970.
    if milliseconds >= 0:
        [message] = records(server, topic, 1)
        assert message.timestamp()[1] == milliseconds


def test_objects_may_follow_one_another_in_any_way(server, proxy):
    one = '{"value":{"type":"STRING","data":"%d"}}'
    for separator, around in [("", "%s"), ("\n", "%s\n"), (" \r\n\t", "  %s  "), (",", "[%s]"), (" ,\n", " [ %s ] ")]:
        topic = proxy.make_topic()
        answers = proxy.produce(topic, text=around % separator.join(one % i for i in range(20)))
        assert [a["offset"] for a in answers] == list(range(20)), answers
        assert [m.value() for m in records(server, topic, 20)] == [b"%d" % i for i in range(20)]


def test_an_answer_comes_before_the_next_object_is_sent(server, proxy):
    topic = proxy.make_topic()
    stream = Stream(proxy, topic)
    for number in range(5):
        stream.send(json.dumps({"value": {"type": "JSON", "data": number}}))
        assert stream.next()["offset"] == number
        assert len(records(server, topic, number + 1)) == number + 1
    stream.send(b'{"value": {"type": "STR')
    stream.send(b'ING", "data": "in \\"}{ two pa')
    stream.send(b'rts"}}{"value"')
    assert stream.next()["offset"] == 5
    stream.send(b': null}')
    assert stream.next()["offset"] == 6
    stream.end()
    assert stream.rest() == []
    assert records(server, topic, 7)[5].value() == b'in "}{ two parts'


def test_ten_thousand_objects_are_answered_in_order(server, proxy):
    topic = proxy.make_topic(partitions=4)
    count = 10_000
    def body():
        for start in range(0, count, 37):
            yield b"".join(b'{"key":{"type":"STRING","data":"k%d"},"value":{"type":"JSON","data":{"n":%d}}}'
                           % (n % 50, n) for n in range(start, min(start + 37, count)))
    answer = proxy.session.post(proxy.url(f"/topics/{topic}/records"), data=body(),
                                headers={"Content-Type": "application/json"}, timeout=60)
    answers = [json.loads(line) for line in answer.text.splitlines()]
    assert len(answers) == count and {a["error_code"] for a in answers} == {200}
    places = {(m.partition(), m.offset()): json.loads(m.value())["n"]
              for m in records(server, topic, count, partitions=4)}
    assert [places[a["partition_id"], a["offset"]] for a in answers] == list(range(count))


FAULTS = [
    ({"value": {"type": "BINARY", "data": "no base64!"}}, 400),
    ({"value": {"type": "BINARY", "data": 5}}, 400),
    ({"value": {"type": "STRING", "data": {"a": 1}}}, 400),
    ({"value": {"type": "NONSENSE", "data": 1}}, 400),
    ({"value": {"type": "JSON", "data": 1, "subject": "s"}}, 400),
    ({"value": {"type": "AVRO", "data": 1, "schema_id": 1}}, 400),
    ({"value": {"type": "AVRO", "data": 1, "schema": '{"type":"int"}'}}, 42206),
    ({"value": {"type": "JSONSCHEMA", "data": 1, "schema": "{}"}}, 42206),
    ({"value": {"type": "PROTOBUF", "data": {}, "schema": "message A {}"}}, 42206),
    ({"value": {"data": 1}}, 42206),
    ({"key": {"schema_id": 1}}, 42206),
    ({"value": "bare"}, 400),
    ({"value": [1]}, 400),
    ({"partition_id": -1}, 40402),
    ({"partition_id": 99}, 40402),
    ({"partition_id": "x"}, 400),
    ({"partition_id": 1e3}, 400),
    ({"headers": {"a": "b"}}, 400),
    ({"headers": [{"value": "AA=="}]}, 400),
    ({"headers": [{"name": "a", "value": "%"}]}, 400),
    ({"timestamp": "yesterday"}, 400),
    ({"timestamp": "2021-02-30T00:00:00Z"}, 400),
    ({"timestamp": {"t": 1}}, 400),
    ({"unknown": 1}, 400),
]


@pytest.mark.parametrize("fault, code", FAULTS, ids=[json.dumps(f)[:40] for f, _ in FAULTS])
def test_an_object_at_fault_gets_its_own_error_and_the_stream_goes_on(proxy, fault, code):
    topic = proxy.make_topic()
    good = {"value": {"type": "STRING", "data": "good"}}
    answers = proxy.produce(topic, good, fault, good)
    assert [answer["error_code"] for answer in answers] == [200, code, 200], answers
    assert set(answers[1]) == {"error_code", "message"}
    assert [answers[0]["offset"], answers[2]["offset"]] == [0, 1]


@pytest.mark.parametrize("broken", [
    '{"value": {"type": "JSON", "data": nul}}', '{"value": }', "17", '"text"', "}", "{]", '{"value": {"type": "JS',
])
def test_broken_json_ends_the_stream_after_its_error(proxy, broken):
    topic = proxy.make_topic()
    good = '{"value": {"type": "STRING", "data": "good"}}'
    answers = proxy.produce(topic, text=good + broken + (good if broken[-1] == "}" else ""))
    assert [answer["error_code"] for answer in answers] == [200, 400], answers


def test_an_empty_body_is_refused(proxy):
    topic = proxy.make_topic()
    headers = {"Content-Type": "application/json"}
    assert proxy.error("POST", f"/topics/{topic}/records", 422, headers=headers) == 42206


def test_another_type_than_json_is_refused(proxy):
    topic = proxy.make_topic()
    path = f"/topics/{topic}/records"
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/vnd.kafka.json.v2+json"):
        assert proxy.error("POST", path, 415, data="{}", headers={"Content-Type": kind}) == 415
    headers = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
    assert proxy.call("POST", path, data="{}", headers=headers)["error_code"] == 200
    assert proxy.error("POST", path, 406, data="{}", headers={**headers, "Accept": "text/html"}) == 406


def test_a_topic_that_is_not_there_is_made_as_in_v2(server, proxy):
    topic = fresh("unmade")
    [answer] = proxy.produce(topic, {"value": {"type": "STRING", "data": "x"}})
    assert (answer["error_code"], answer["offset"]) == (200, 0)
    [answer] = proxy.produce("no%20topic", {"value": {"type": "STRING", "data": "x"}})
    assert answer["error_code"] == 40002


def test_a_topic_that_is_not_there_is_unknown_where_none_is_made_on_first_use(serve):
    proxy = Proxy(serve(env={"PINLINE_GATEWAY_AUTO_CREATE_TOPICS": "false"}))
    [answer] = proxy.produce("absent", {"value": {"type": "STRING", "data": "x"}})
    assert answer["error_code"] == 40403


def test_a_record_that_is_too_large_is_refused_alone(proxy):
    topic = proxy.make_topic(configs=[{"name": "max.message.bytes", "value": "2000"}])
    small, large = ({"value": {"type": "STRING", "data": "x" * size}} for size in (100, 3000))
    assert [a["error_code"] for a in proxy.produce(topic, small, large, small)] == [200, 413, 200]


def test_an_object_without_end_is_refused_before_it_fills_the_memory(serve):
    proxy = Proxy(serve(env={"PINLINE_GATEWAY_MAX_REQUEST_BYTES": "100000"}))
    topic = proxy.make_topic()
    stream = Stream(proxy, topic)
    stream.send('{"value": {"type": "STRING", "data": "first"}}')
    assert stream.next()["offset"] == 0
    try:
        stream.send('{"value": {"type": "STRING", "data": "' + "x" * 90_000)
        stream.send("x" * 90_000)
    except ConnectionError:
        pass
    assert stream.next()["error_code"] == 413


def test_a_batch_tells_apart_what_succeeded_and_what_failed(server, proxy):
    topic = proxy.make_topic(partitions=2)
    answer = proxy.post(f"/topics/{topic}/records:batch", {"entries": [
        {"id": "a", "partition_id": 1, "value": {"type": "STRING", "data": "one"}},
        {"id": "b-2_C", "value": {"type": "BINARY", "data": "?"}},
        {"id": "c", "partition_id": 7, "value": {"type": "STRING", "data": "three"}},
        {"id": "d", "partition_id": 1, "key": {"type": "JSON", "data": 4}, "headers": [{"name": "h", "value": "aGk="}],
         "timestamp": "2020-01-01T00:00:00Z"},
    ]}, 207)
    assert [entry["id"] for entry in answer["successes"]] == ["a", "d"]
    assert answer["successes"][1] == {
        "id": "d", "cluster_id": proxy.cluster, "topic_name": topic, "partition_id": 1, "offset": 1,
        "timestamp": "2020-01-01T00:00:00Z", "key": {"type": "JSON", "size": 1}}
    assert [(entry["id"], entry["error_code"]) for entry in answer["failures"]] == [("b-2_C", 400), ("c", 40402)]
    found = records(server, topic, 2, partitions=2)
    assert [(m.key(), m.value(), m.headers()) for m in found] == [(None, b"one", None), (b"4", None, [("h", b"hi")])]


@pytest.mark.parametrize("body, code, words", [
    ("", 42208, "Request body is empty. Data is required."),
    ("{}", 42208, "Empty batch."),
    ('{"entries": []}', 42208, "Empty batch."),
    ('{"entries": [{"id": "a"}, {"id": "a"}]}', 42208, "Batch entry IDs are not distinct."),
    ('{"entries": [%s]}' % ",".join('{"id": "%d"}' % i for i in range(11)), 42208, "Too many entries in batch."),
    ('{"entries": [{"id": 1}]}', 42208, "Batch entry identifier is not a valid string."),
    ('{"entries": [{}]}', 42208, "Batch entry identifier is not a valid string."),
    ('{"entries": [{"id": ""}]}', 42208, "Batch entry identifier is not a valid string."),
    ('{"entries": [{"id": "a b"}]}', 42208, "Batch entry identifier is not a valid string."),
    ('{"entries": [{"id": "%s"}]}' % ("x" * 81), 42208, "Batch entry identifier is not a valid string."),
])
def test_batches_that_break_a_rule_are_refused_whole(proxy, body, code, words):
    topic = proxy.make_topic()
    answer = proxy.call("POST", f"/topics/{topic}/records:batch", 422, data=body,
                        headers={"Content-Type": "application/json"})
    assert (answer["error_code"], answer["message"]) == (code, words)
    for text in ("{", '{"entries": [{"id": "a", "more": 1}]}', '{"entries": ["a"]}', "[]"):
        assert proxy.error("POST", f"/topics/{topic}/records:batch", 400, data=text,
                           headers={"Content-Type": "application/json"}) == 400


def test_what_was_acknowledged_survives_a_kill(serve):
    server = serve()
    proxy = Proxy(server)
    topic = proxy.make_topic()
    stream = Stream(proxy, topic)
    for number in range(50):
        stream.send(json.dumps({"value": {"type": "JSON", "data": number}}))
    told = [stream.next()["offset"] for _ in range(50)]
    server.kill()
    server.start()
    assert told == list(range(50))
    assert [json.loads(m.value()) for m in records(server, topic, 50)] == list(range(50))


def test_a_client_that_leaves_in_the_middle_harms_nobody(server, proxy):
    topic = proxy.make_topic()
    for _ in range(20):
        stream = Stream(proxy, topic)
        stream.send('{"value": {"type": "STRING", "data": "x"}}{"value"')
        stream.connection.close()
    [answer] = proxy.produce(topic, {"value": {"type": "STRING", "data": "last"}})
    assert answer["error_code"] == 200
    assert requests.get(f"http://{server.web}/readyz", timeout=10).status_code == 200
