"""Records that were on the wire of the cloud, sent again with the libraries that sent them: requests, boto3, awscli."""
import base64
import collections
import json
import os
import pathlib
import subprocess
import sys

import pytest
import requests

import harness
import real_rows
from stream_client import acknowledged, boto, records, send


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve()


@pytest.fixture(scope="module")
def wire():
    return real_rows.ndjson("wire/kinesis_records.ndjson")


def by_stream(wire):
    streams = collections.defaultdict(list)
    for record in wire:
        streams[record["stream"]].append((record["partitionKey"], base64.b64decode(record["data"])))
    return streams


def test_every_stream_by_requests(server, wire):
    """Each record as its script has sent it; one without data is refused, which the cloud stored as `""`."""
    assert len(wire) == 875
    refused = 0
    for stream, sent in by_stream(wire).items():
        taken = []
        for key, data in sent:
            path = f"test/streams/{stream}/record"
            if data == b'""':
                answer = send(server, "PUT", path, {"StreamName": stream, "PartitionKey": key})
                assert answer.status_code == 400 and "Member must not be null" in answer.json()["message"]
                refused += 1
                continue
            body = b'{"StreamName": %s, "Data": %s, "PartitionKey": %s}' % (
                json.dumps(stream).encode(), data, json.dumps(key).encode())
            acknowledged(send(server, "PUT", path, body))
            taken.append((key, data))
        if taken:
            assert records(server, stream) == taken
    assert refused == sum(record["_shape"] == "empty_string" for record in wire) == 266


def test_every_stream_as_the_cloud_stored_it(serve, wire):
    server = serve(env={"PINLINE_COMPAT_STORE_EMPTY_DATA": "true"})
    for stream, sent in by_stream(wire).items():
        for key, data in sent:
            data = b"" if data == b'""' else b'"Data": %s, ' % data
            acknowledged(send(
                server, "PUT", f"test/streams/{stream}/record",
                b'{%s"PartitionKey": %s}' % (data, json.dumps(key).encode())))
        assert records(server, stream) == sent


def test_every_record_by_boto3(server, wire):
    client = boto(server)
    client.create_stream(StreamName="by-boto3", ShardCount=1)
    sent = [(record["partitionKey"], base64.b64decode(record["data"])) for record in wire]
    for start in range(0, len(sent), 500):
        answer = client.put_records(StreamName="by-boto3", Records=[
            {"PartitionKey": key, "Data": data} for key, data in sent[start:start + 500]])
        assert answer["FailedRecordCount"] == 0
    assert records(server, "by-boto3") == sent


def test_one_record_of_each_shape_by_awscli(server, wire):
    program = pathlib.Path(sys.executable).with_name("aws")
    assert program.exists(), "awscli is in requirements.txt"
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
                   "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}

    def aws(*arguments):
        done = subprocess.run(
            [str(program), "--endpoint-url", f"http://{server.ingest}", "--output", "json", "kinesis", *arguments],
            env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    aws("create-stream", "--stream-name", "by-awscli", "--shard-count", "1")
    shapes = {record["_shape"]: record for record in wire}
    for record in shapes.values():
        # Version 1 of the program takes the data as it is, version 2 as base64.
        told = aws("put-record", "--stream-name", "by-awscli", "--partition-key", record["partitionKey"], "--data",
                   base64.b64decode(record["data"]).decode())
        assert told["ShardId"] == "shardId-000000000000"
    assert records(server, "by-awscli") == [
        (record["partitionKey"], base64.b64decode(record["data"])) for record in shapes.values()]


def test_records_of_the_rest_proxy(serve):
    """Records as consumers of the cloud were given them: posted again they get the same offsets and tables."""
    server = serve()
    rows = collections.defaultdict(set)
    for kind in ("pin", "geo", "user"):
        wire = real_rows.ndjson(f"wire/kafka_rest_v2_records_{kind}.ndjson")
        for record in wire:
            answer = requests.post(
                f"http://{server.ingest}/test/topics/{record['topic']}", timeout=30,
                data=json.dumps({"records": [{"value": record["value"]}]}),
                headers={"Content-Type": harness.KAFKA_JSON})
            assert answer.status_code == 200
            table = "pin" if "unique_id" in record["value"] else "geo" if "country" in record["value"] else "users"
            rows[table].add(json.dumps(record["value"], sort_keys=True))
        assert answer.json()["offsets"][0]["offset"] == len(wire) - 1
    harness.eventually(lambda: server.lag() == 0, "the sink does not catch up")
    answer = harness.batch("--data", server.data)
    assert answer["rows"] == {table: len(found) for table, found in rows.items()}
    assert answer["quality"]["set_aside"] == []
