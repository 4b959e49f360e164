"""Signature Version 4, where it is asked for."""
import boto3
import pytest
import requests
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

import reading
from kinesis_clients import connect

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


@pytest.fixture(scope="module")
def server(shared_serve, tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "keys.csv"
    path.write_text(f"User name,Access key ID,Secret access key\nalice,{KEY},{SECRET}\n")
    return shared_serve(env={"PINLINE_KINESIS_CREDENTIALS_FILE": str(path)})


def code(client):
    with pytest.raises(ClientError) as refused:
        client.list_streams()
    return refused.value.response["Error"]["Code"]


def test_who_signs_as_he_should_is_let_in(server):
    kinesis = connect(server, "eu-west-1", KEY, SECRET)
    kinesis.create_stream(StreamName="signed", ShardCount=1)
    kinesis.put_record(StreamName="signed", Data=b"x", PartitionKey="k")
    assert len(reading.all_records(kinesis, "signed")) == 1


def test_others_are_not(server):
    assert code(connect(server, key=KEY, secret="wrong")) == "InvalidSignatureException"
    assert code(connect(server, key="AKIDOTHER", secret=SECRET)) == "UnrecognizedClientException"
    target = {"X-Amz-Target": "Kinesis_20131202.ListStreams", "Content-Type": "application/x-amz-json-1.1"}
    answer = requests.post(f"http://{server.ingest}/", data="{}", headers=target, timeout=10)
    assert answer.status_code == 400 and answer.json() == {
        "__type": "MissingAuthenticationTokenException", "message": "Missing Authentication Token"}
    answer = requests.post(f"http://{server.ingest}/", data="{}", headers={**target, "Authorization": "x"}, timeout=10)
    assert answer.json()["__type"] == "IncompleteSignatureException"


def test_another_service_is_refused(server):
    other = boto3.client(
        "dynamodb", endpoint_url=f"http://{server.ingest}", region_name="us-east-1", aws_access_key_id=KEY,
        aws_secret_access_key=SECRET)
    with pytest.raises(ClientError) as refused:
        other.list_tables()
    assert refused.value.response["Error"]["Code"] == "InvalidSignatureException"


def presigned(server, body=b"", **headers):
    # boto3 knows presigned requests without a body only; no body is an object without members.
    request = AWSRequest("POST", f"http://{server.ingest}/", data=body, headers={
        "X-Amz-Target": "Kinesis_20131202.ListStreams", "Content-Type": "application/x-amz-json-1.1"})
    SigV4QueryAuth(Credentials(KEY, SECRET), "kinesis", "eu-west-1", expires=60).add_auth(request)
    sent = request.prepare()
    return requests.post(sent.url, data=body, headers={**sent.headers, **headers}, timeout=10)


def test_a_presigned_request_is_let_in(server):
    answer = presigned(server)
    assert answer.status_code == 200 and "StreamNames" in answer.json(), answer.text


def test_both_ways_at_once_are_refused(server):
    answer = presigned(server, Authorization="AWS4-HMAC-SHA256 x")
    assert answer.json()["__type"] == "InvalidSignatureException"
