"""The eight methods of the gateway's form of Kinesis, by requests; what they did, by boto3."""
import base64
import json

import pytest

import stream_client
from stream_client import acknowledged, put, records, send

ROW = {"index": 7528, "title": "No \u00e9 \"x\" \U0001F600", "n": [1, -2.5e3, True, None]}


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve()


def test_the_life_of_a_stream(server):
    made = send(server, "POST", "test/streams/life", {"ShardCount": 2})
    assert (made.status_code, made.text) == (200, "")
    again = send(server, "POST", "test/streams/life", {"ShardCount": 2})
    assert again.status_code == 400 and again.json()["__type"] == "ResourceInUseException"
    assert "life" in send(server, "GET", "test/streams").json()["StreamNames"]

    told = send(server, "GET", "test/streams/life").json()["StreamDescription"]
    assert told["StreamName"] == "life" and told["StreamStatus"] == "ACTIVE"
    shards = [shard["ShardId"] for shard in told["Shards"]]
    assert shards == ["shardId-000000000000", "shardId-000000000001"]

    where = [acknowledged(put(server, "life", {"n": n}, key=str(n)))["ShardId"] for n in range(20)]
    assert set(where) == set(shards)
    found = []
    for shard in shards:
        iterator = send(server, "GET", f"test/streams/life/sharditerator?shard-id={shard}").json()["ShardIterator"]
        answer = send(server, "GET", "test/streams/life/records", headers={"Shard-Iterator": iterator}).json()
        assert answer["NextShardIterator"] and answer["MillisBehindLatest"] == 0
        found += stream_client.decoded(answer)
    assert sorted(found) == sorted((str(n), b'{"n": %d}' % n) for n in range(20))

    gone = send(server, "DELETE", "test/streams/life")
    assert (gone.status_code, gone.text) == (200, "")
    missing = send(server, "GET", "test/streams/life")
    assert missing.status_code == 400 and missing.json()["__type"] == "ResourceNotFoundException"


def test_a_stream_without_a_count_has_five_shards(server):
    assert send(server, "POST", "test/streams/five").status_code == 200
    assert len(send(server, "GET", "test/streams/five").json()["StreamDescription"]["Shards"]) == 5


def test_streams_are_listed_from_a_name_on(server):
    for name in ("list-a", "list-b", "list-c"):
        send(server, "POST", f"test/streams/{name}", {"ShardCount": 1})
    answer = send(server, "GET", "test/streams?ExclusiveStartStreamName=list-a&Limit=1").json()
    assert answer["StreamNames"] == ["list-b"] and answer["HasMoreStreams"] is True


def test_a_stream_comes_into_being_on_first_use(server):
    acknowledged(put(server, "first-use", ROW))
    told = stream_client.boto(server).describe_stream_summary(StreamName="first-use")["StreamDescriptionSummary"]
    assert told["OpenShardCount"] == 1 and told["StreamStatus"] == "ACTIVE"


@pytest.mark.parametrize("text", [json.dumps(ROW), '{"a" :  1}', '"text"', "5", "[1, 2]", "true", '""'])
def test_data_is_stored_as_it_was_sent(server, text):
    stream = f"as-sent-{abs(hash(text))}"
    body = f'{{"StreamName": "x", "Data": {text}, "PartitionKey": "k"}}'
    acknowledged(send(server, "PUT", f"test/streams/{stream}/record", body))
    assert records(server, stream) == [("k", text.encode())]


def test_many_records_keep_order_and_kind(server):
    data = [{"a": 1}, "plain \u00e9", 5, [1], json.dumps({"b": 2})]
    body = {"StreamName": "x", "records": [{"data": value, "partition-key": "k"} for value in data]}
    told = acknowledged(send(server, "PUT", "test/streams/many/records", body))
    assert told["FailedRecordCount"] == 0 and len(told["Records"]) == 5
    numbers = [int(record["SequenceNumber"]) for record in told["Records"]]
    assert numbers == sorted(numbers)
    assert [value for _, value in records(server, "many")] == [
        b'{"a": 1}', "plain \u00e9".encode(), b"5", b"[1]", b'{"b": 2}']


@pytest.mark.parametrize("body", [
    {"records": [{"data": base64.b64encode(b"x\0y").decode(), "partition-key": "k"}]},
    {"Records": [{"Data": base64.b64encode(b"x\0y").decode(), "PartitionKey": "k"}]}])
def test_the_native_type_is_base64(server, body):
    stream = "native-" + next(iter(body))
    acknowledged(send(server, "PUT", f"test/streams/{stream}/records", body, "application/x-amz-json-1.1"))
    assert records(server, stream) == [("k", b"x\0y")]


REFUSED = {
    "a wrong path": ("PUT", "test/streams/s/PutRecord", ROW, 403, "Missing Authentication Token"),
    "a wrong method": ("GET", "test/streams/s/record", None, 403, "Missing Authentication Token"),
    "no JSON": ("PUT", "test/streams/s/record", "{", 400, "Could not parse request body into json: "),
    "no body": ("PUT", "test/streams/s/record", "", 400, "Could not parse request body into json: "),
    "no data": ("PUT", "test/streams/s/record", {"PartitionKey": "k"}, 400, 'expected {"Data": any JSON'),
    "no records": ("PUT", "test/streams/s/records", {"Data": 1}, 400, 'expected {"records": ['),
    "no key": ("PUT", "test/streams/s/record", {"Data": 1}, 400, "'partitionKey' failed to satisfy constraint"),
    "too long a key": (
        "PUT", "test/streams/s/record", {"Data": 1, "PartitionKey": "k" * 257}, 400, "less than or equal to 256"),
    "a wrong name": ("PUT", "test/streams/a%20b/record", {"Data": 1, "PartitionKey": "k"}, 400, "streamName"),
    "too long a name": (
        "PUT", f"test/streams/{'n' * 129}/record", {"Data": 1, "PartitionKey": "k"}, 400, "streamName"),
    "a wrong iterator": ("GET", "test/streams/s/records", None, 400, "shardIterator"),
    "an unknown stream": ("GET", "test/streams/nobody", None, 400, "Stream nobody under account"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refusals_say_what_is_wrong(server, what):
    method, path, body, status, words = REFUSED[what]
    answer = send(server, method, path, body)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert words in told.get("message", told.get("Message")), told


def test_other_types_are_refused(server):
    answer = put(server, "typed", ROW, content_type="application/vnd.kafka.json.v2+json")
    assert answer.status_code == 415 and answer.json() == {"message": "Unsupported Media Type"}


def test_the_clouds_ways_have_to_be_asked_for(serve):
    server = serve(env={
        "PINLINE_COMPAT_STORE_EMPTY_DATA": "true", "PINLINE_COMPAT_GATEWAY_STATUS_200": "true",
        "PINLINE_GATEWAY_AUTO_CREATE_STREAMS": "false"})
    missing = put(server, "absent", ROW)
    assert missing.status_code == 200 and missing.json()["__type"] == "ResourceNotFoundException"
    send(server, "POST", "test/streams/there", {"ShardCount": 1})
    acknowledged(send(server, "PUT", "test/streams/there/record", {"records": [], "PartitionKey": "k"}))
    assert records(server, "there") == [("k", b'""')]


def test_records_survive_a_kill(serve):
    server = serve()
    for n in range(50):
        acknowledged(put(server, "killed", n, key=str(n)))
    server.kill()
    server.start()
    assert records(server, "killed") == [(str(n), str(n).encode()) for n in range(50)]
