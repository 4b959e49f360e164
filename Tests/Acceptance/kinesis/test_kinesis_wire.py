"""The interface byte for byte: targets, errors, headers, CBOR, pages in browsers."""
import base64
import json
import struct

import pytest
import requests

JSON = "application/x-amz-json-1.1"
CBOR = "application/x-amz-cbor-1.1"


def ask(server, action, body, content_type=JSON, **headers):
    return requests.post(
        f"http://{server.ingest}/", data=body if isinstance(body, bytes) else json.dumps(body),
        headers={"X-Amz-Target": f"Kinesis_20131202.{action}", "Content-Type": content_type, **headers}, timeout=10)


def cbor(value):
    """As much of CBOR as requests of SDKs have."""
    def head(kind, count):
        if count < 24:
            return bytes([kind << 5 | count])
        if count < 256:
            return bytes([kind << 5 | 24, count])
        return bytes([kind << 5 | 26]) + struct.pack(">I", count)

    if isinstance(value, dict):
        return bytes([0xBF]) + b"".join(cbor(k) + cbor(v) for k, v in value.items()) + b"\xff"
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    return head(0, value)


def test_answers_carry_their_names_and_the_type_of_the_request(server):
    answer = ask(server, "ListStreams", {})
    assert answer.status_code == 200 and answer.headers["Content-Type"] == JSON
    assert len(answer.headers["x-amzn-RequestId"]) == 36 and answer.headers["x-amz-id-2"]
    other = ask(server, "ListStreams", {})
    assert other.headers["x-amzn-RequestId"] != answer.headers["x-amzn-RequestId"]
    assert ask(server, "DeleteStream", {"StreamName": "none"}).json() == {
        "__type": "ResourceNotFoundException", "message": "Stream none under account 000000000000 not found."}


@pytest.mark.parametrize("target", [None, "", "Kinesis_20131202.", "Kinesis_20131202.Fly", "DynamoDB_20120810.PutItem"])
def test_an_unknown_target_is_an_unknown_operation(server, target):
    headers = {} if target is None else {"X-Amz-Target": target}
    answer = requests.post(f"http://{server.ingest}/", data="{}", headers=headers, timeout=10)
    assert answer.status_code == 400 and answer.json() == {"__type": "UnknownOperationException"}


@pytest.mark.parametrize("body", [b"{", b"x", b"[1", b'{"StreamName": "\xff"}'])
def test_a_body_that_cannot_be_read_is_a_serialization_fault(server, body):
    answer = ask(server, "DescribeStream", body)
    assert answer.status_code == 400 and answer.json()["__type"] == "SerializationException"


def test_types_are_looked_at_before_constraints(server):
    answer = ask(server, "CreateStream", {"StreamName": "?", "ShardCount": "x"})
    assert answer.json() == {
        "__type": "SerializationException", "Message": "STRING_VALUE can not be converted to Integer"}


def test_constraints_are_told_in_one_message(server):
    answer = ask(server, "CreateStream", {"StreamName": "?" * 129, "ShardCount": 1})
    assert answer.json()["__type"] == "ValidationException"
    assert answer.json()["message"] == (
        f"2 validation errors detected: Value '{'?' * 129}' at 'streamName' failed to satisfy constraint: Member must "
        f"satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value '{'?' * 129}' at 'streamName' failed to satisfy "
        "constraint: Member must have length less than or equal to 128")


def test_cbor_is_answered_in_cbor(server):
    assert ask(server, "CreateStream", cbor({"StreamName": "cbor", "ShardCount": 1}), CBOR).content == b""
    put = ask(server, "PutRecord", cbor({"StreamName": "cbor", "Data": b"\0\xff", "PartitionKey": "k"}), CBOR)
    assert put.status_code == 200 and put.headers["Content-Type"] == CBOR and b"shardId-000000000000" in put.content
    place = ask(server, "GetShardIterator", {
        "StreamName": "cbor", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}).json()
    got = ask(server, "GetRecords", cbor(place), CBOR).content
    assert cbor("Data") + cbor(b"\0\xff") in got
    # A time is milliseconds under tag 1.
    assert cbor("ApproximateArrivalTimestamp") + b"\xc1\x1b" in got
    records = ask(server, "GetRecords", place).json()["Records"]
    assert base64.b64decode(records[0]["Data"]) == b"\0\xff"
    wrong = ask(server, "DescribeStream", cbor({"StreamName": "none"}), CBOR)
    assert wrong.status_code == 400 and wrong.headers["Content-Type"] == CBOR
    assert cbor("__type") + cbor("ResourceNotFoundException") in wrong.content
    assert ask(server, "DescribeStream", b"\xff", CBOR).status_code == 400


def test_a_page_in_a_browser_may_ask(server):
    answer = requests.options(f"http://{server.ingest}/", headers={
        "Origin": "http://page", "Access-Control-Request-Headers": "x-amz-target",
        "Access-Control-Request-Method": "POST"}, timeout=10)
    assert answer.status_code == 200 and answer.content == b""
    assert {k: v for k, v in answer.headers.items() if k.startswith("Access-Control")} == {
        "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "x-amz-target",
        "Access-Control-Allow-Methods": "POST", "Access-Control-Max-Age": "172800",
        "Access-Control-Expose-Headers":
            "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date"}
    assert ask(server, "ListStreams", {}, Origin="http://page").headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods_are_denied_where_they_are_signed(server, method):
    answer = requests.request(method, f"http://{server.ingest}/", headers={
        "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/kinesis/aws4_request"}, timeout=10)
    assert answer.status_code == 403 and "AccessDeniedException" in answer.text
    assert requests.get(f"http://{server.ingest}/", timeout=10).text == "{}"
