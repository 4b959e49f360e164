"""Requests a client gets wrong: the status and code of the REST Proxy, and nothing of the request stored."""
import base64
import http.client
import json
import urllib.parse

import pytest
import requests

import harness
from harness import KAFKA_BINARY, KAFKA_JSON

V2 = "application/vnd.kafka.v2+json"
TOPIC = "ledger.pin"


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve()


@pytest.fixture
def nothing_is_stored(server):
    """Runs a test between two good posts; their offsets tell whether anything came between."""
    [(partition, offset)] = server.post(TOPIC, {"index": 1})
    yield
    assert server.post(TOPIC, {"index": 2}) == [(partition, offset + 1)], "a part of the bad request was stored"


def send(server, body, path=f"/test/topics/{TOPIC}", method="POST", content_type=KAFKA_JSON, **headers):
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if content_type:
        headers["Content-Type"] = content_type
    return requests.request(method, f"http://{server.ingest}{path}", data=body, headers=headers, timeout=60)


def one(value):
    return {"records": [{"value": value}]}


def assert_error(answer, status, *codes):
    """An error in the proxy's dialect: JSON with exactly a code and a message that says something."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text[:300]}"
    assert answer.headers["Content-Type"].startswith((V2, "application/json")), answer.headers["Content-Type"]
    error = answer.json()
    assert set(error) == {"error_code", "message"}, error
    assert error["error_code"] in (codes or (status,)), error
    assert error["message"].strip()
    return error["message"]


# ---- Paths and methods

@pytest.mark.parametrize("path", ["/nowhere", "/test/nowhere/at/all", "/topics/t/nowhere", "/topics/t/partitions/0/x"])
def test_an_unknown_path_is_404(server, nothing_is_stored, path):
    assert assert_error(send(server, one({}), path), 404, 404) == "HTTP 404 Not Found"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_another_method_is_405(server, nothing_is_stored, method):
    assert_error(send(server, one({"index": 1}), method=method), 405, 405)


@pytest.mark.parametrize("path", [
    f"/topics/{TOPIC}", f"/Production/topics/{TOPIC}", f"//topics/{TOPIC}", f"/test//topics/{TOPIC}",
    f"/test/topics/{TOPIC}/", f"/12869112c9e5/topics/{TOPIC}?debug=1"])
def test_any_stage_a_doubled_and_a_trailing_slash_are_taken(server, path):
    answer = send(server, one({"index": 3}), path)
    assert answer.status_code == 200, answer.text


# ---- Media types

@pytest.mark.parametrize("content_type", [
    "application/json", V2, "text/plain", "application/x-www-form-urlencoded",
    "application/vnd.kafka.json.v1+json", "application/vnd.kafka.json.v3+json", "nonsense", None])
def test_another_content_type_is_415(server, nothing_is_stored, content_type):
    assert_error(send(server, one({"index": 1}), content_type=content_type), 415, 415)


@pytest.mark.parametrize("content_type", [
    f"{KAFKA_JSON}; charset=utf-8", KAFKA_JSON.upper(), f"{KAFKA_JSON};charset=UTF-8"])
def test_a_content_type_may_have_parameters_and_capitals(server, content_type):
    assert send(server, one({"index": 3}), content_type=content_type).status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "image/png, text/*;q=0.5"])
def test_an_unacceptable_answer_is_406(server, nothing_is_stored, accept):
    assert_error(send(server, one({"index": 1}), Accept=accept), 406, 406)


@pytest.mark.parametrize("accept", [V2, "*/*", "application/*", "application/json",
                                    f"{V2}; q=0.9, application/json; q=0.5", "text/html, */*;q=0.1"])
def test_an_acceptable_answer_is_of_the_second_version(server, accept):
    answer = send(server, one({"index": 3}), Accept=accept)
    assert answer.status_code == 200, answer.text
    assert answer.json()["key_schema_id"] is None and answer.json()["value_schema_id"] is None
    assert set(answer.json()["offsets"][0]) == {"partition", "offset", "error_code", "error"}


# ---- Bodies

@pytest.mark.parametrize("body", [
    {"records": []}, {}, {"records": None}, {"records": {}}, {"records": "text"}, {"records": 1}, {"records": [1]},
    {"records": ["text"]}, {"records": [None]}, [], [{"value": 1}], "null", "1", '"text"'])
def test_json_of_the_wrong_form_is_422(server, nothing_is_stored, body):
    assert_error(send(server, body), 422, 422, 42203, 42206)


@pytest.mark.parametrize("body", [
    "{", '{"records": [', '{"records": [{"value": {"index": 1}}', "not json", "{'records': []}",
    '{"records": [{"value": {"index": 1,}}]}', '{"records": [{"value": 01}]}', '{"records": [{"value": 1}]} more',
    '{"records": [{"value": NaN}]}'])
def test_unreadable_json_is_400(server, nothing_is_stored, body):
    assert_error(send(server, body), 400, 400)


@pytest.mark.parametrize("body", ["", "   "])
def test_no_body_is_refused(server, nothing_is_stored, body):
    answer = send(server, body)
    assert_error(answer, answer.status_code, 400, 422)


DEEP = 100_000


@pytest.mark.parametrize("body", [
    b'{"records": [{"value": {"index": 1, "index": 2}}]}',
    b'{"records": [{"value": {"index": 1, "\\u0069ndex": 2}}]}',
    b'{"records": [{"value": 1, "value": 2}]}',
    b'{"records": [{"value": 1}], "records": [{"value": 2}]}',
    b'{"records": [{"value": ' + b"[" * DEEP + b"]" * DEEP + b"}]}",
    b'{"records": [{"value": ' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}]}",
    b'{"records": [{"value": "\\x41"}]}',
    b'{"records": [{"value": "\\u12G4"}]}',
    "{\"records\": [{\"value\": \"Aydo\u00fc\"}]}".encode("latin-1"),
    b'{"records": [{"value": "\xed\xa0\x80"}]}',
    b'{"records": [{"value": "\xc0\xaf"}]}',
], ids=["twice", "twice, escaped", "value twice", "records twice", "deep array", "deep object", "escape", "hex digits",
        "Latin-1", "surrogate in UTF-8", "overlong UTF-8"])
def test_json_we_cannot_store_is_422(server, nothing_is_stored, body):
    assert_error(send(server, body), 422, 422, 42203, 42206)


def test_one_bad_record_spoils_its_whole_request(server, nothing_is_stored):
    body = '{"records": [{"value": {"index": 1}}, {"value": {"index": 2}}, {"value": {"a": 1, "a": 2}}]}'
    assert_error(send(server, body), 422, 422, 42203, 42206)


def test_a_body_of_100_megabytes_is_413(server, nothing_is_stored):
    body = b'{"records": [{"value": "' + b"x" * 100_000_000 + b'"}]}'
    assert_error(send(server, body), 413, 413)


def test_a_chunked_body_of_100_megabytes_is_413(server, nothing_is_stored):
    def chunks():
        yield b'{"records": [{"value": "'
        for _ in range(100):
            yield b"x" * 1_000_000
        yield b'"}]}'

    # The server may close before all is sent; that is a refusal too, but only after it answered.
    try:
        assert_error(send(server, chunks()), 413, 413)
    except requests.ConnectionError as error:
        pytest.fail(f"the connection broke before the answer could be read: {error}")


# ---- Topics

@pytest.mark.parametrize("name", [
    "../../x", "..", ".", "a/b", "a\\b", "a b", "ü", "a\x00b", "a" * 250, "%2e%2e", "a:b", "/etc/passwd"])
def test_a_name_that_is_no_topic_is_refused(server, nothing_is_stored, name):
    before = {path for path in server.data.parent.parent.rglob("x")}
    escaped = urllib.parse.quote(name, safe="").replace(".", "%2E")
    # Not by `requests`, which would resolve the dots itself.
    connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
    connection.request(
        "POST", f"/test/topics/{escaped}", json.dumps(one({"index": 1})), {"Content-Type": KAFKA_JSON})
    answer = connection.getresponse()
    error = json.loads(answer.read())
    connection.close()
    assert answer.status in (400, 404), error
    assert error["error_code"] in (40002, 404, 40401) and error["message"].strip(), error
    assert {path for path in server.data.parent.parent.rglob("x")} == before
    # The server makes topics of its own beside, under a name that begins with a dot until they are whole.
    assert {path.name for path in (server.data / "log").iterdir() if "pinline." not in path.name} <= {
        TOPIC, "bytes.pin", "mixed.pin", "parted.pin"}


def test_the_longest_name_is_a_topic(serve):
    name = "a" * 249
    assert serve().post(name, {"index": 1}) == [(0, 0)]


def test_an_unknown_topic_is_40401_when_topics_are_not_made(serve, tmp_path):
    settings = tmp_path / "pinline.yaml"
    settings.write_text("gateway:\n  auto.create.topics: false\n")
    server = serve(arguments=["--config", settings])
    assert assert_error(send(server, one({"index": 1})), 404, 40401) == "Topic not found."
    assert not (server.data / "log" / TOPIC).exists()


# ---- Partitions

def test_a_partition_that_is_not_there_is_40402(server):
    server.post("parted.pin", {"index": 1})
    answer = send(server, one({"index": 1}), "/test/topics/parted.pin/partitions/999")
    assert assert_error(answer, 404, 40402) == "Partition not found."


@pytest.mark.parametrize("partition", ["x", "1e0", "9999999999999999999", "0x0", ""])
def test_a_partition_that_is_no_number_is_404(server, partition):
    server.post("parted.pin", {"index": 1})
    answer = send(server, one({"index": 1}), f"/topics/parted.pin/partitions/{partition}")
    assert answer.status_code in (404, 405)
    assert_error(answer, answer.status_code, 404, 405)


def test_a_partition_takes_records_of_its_own(server):
    server.post("parted.pin", {"index": 1})
    answer = send(server, {"records": [{"value": 1}, {"key": None, "value": 2}]}, "/topics/parted.pin/partitions/0")
    assert answer.status_code == 200, answer.text
    first, second = answer.json()["offsets"]
    assert first["partition"] == second["partition"] == 0
    assert second["offset"] == first["offset"] + 1


# ---- Binary records

def encoded(row):
    return base64.b64encode(json.dumps(row).encode()).decode()


def test_binary_records_come_out_as_they_were(server):
    rows = [{"index": 1, "title": "Aydoğdu"}, {"index": 2}]
    body = {"records": [{"key": encoded(1), "value": encoded(row)} for row in rows]}
    answer = send(server, body, "/test/topics/bytes.pin", content_type=KAFKA_BINARY)
    assert answer.status_code == 200, answer.text
    assert [o["offset"] for o in answer.json()["offsets"]] == [0, 1]
    harness.eventually(lambda: harness.records(server.data, "bytes.pin") == rows, "the rows are not in the bucket")


@pytest.mark.parametrize("value", ["!!!", "YQ=", "a", "YWJj YWJj", {"index": 1}, 7])
def test_a_binary_record_that_is_no_base64_is_42203(server, nothing_is_stored, value):
    message = assert_error(send(server, one(value), content_type=KAFKA_BINARY), 422, 42203)
    assert message.startswith("Conversion of JSON to Object failed: ")


def test_bytes_that_are_no_json_do_not_block_their_topic(server):
    for value in (base64.b64encode(b"\xff\x00 not json").decode(), encoded({"index": 5})):
        answer = send(server, one(value), "/test/topics/mixed.pin", content_type=KAFKA_BINARY)
        assert answer.status_code == 200, answer.text
    harness.eventually(
        lambda: any(b'"index":5' in text for text in harness.objects(server.data, "mixed.pin").values()),
        lambda: f"the good record is held up\n{server.log_tail()}")
    harness.eventually(lambda: server.lag() == 0, "the lag stays")


# ---- Members besides the value

def test_key_and_partition_are_taken(server):
    body = {"records": [{"key": "k", "value": {"index": 1}, "partition": 0}, {"key": None, "value": {"index": 2}}],
            "value_schema": None, "key_schema": None}
    answer = send(server, body, "/test/topics/parted.pin")
    assert answer.status_code == 200, answer.text
    assert [o["error_code"] for o in answer.json()["offsets"]] == [None, None]
