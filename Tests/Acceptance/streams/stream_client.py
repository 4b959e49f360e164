"""Streams as the scripts use them: puts through the gateway's paths, reads through boto3."""
import base64
import json

import boto3
import botocore.config

JSON = "application/json"


def put(server, stream, row, key="partition-1", stage="test", **options):
    """PUT …/record as the scripts send it; the answer, whatever it is."""
    body = {"StreamName": stream, "Data": row, "PartitionKey": key}
    return send(server, "PUT", f"{stage}/streams/{stream}/record", body, **options)


def send(server, method, path, body=None, content_type=JSON, headers=None):
    data = body if isinstance(body, (str, bytes, type(None))) else json.dumps(body)
    headers = {**({"Content-Type": content_type} if content_type else {}), **(headers or {})}
    return server.session.request(
        method, f"http://{server.ingest}/{path}", data=data, headers=headers, timeout=30)


def acknowledged(answer):
    """The answer's body, after a look at what the scripts look at."""
    assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
    told = answer.json()
    placements = told["Records"] if "Records" in told else [told]
    for placement in placements:
        assert placement["ShardId"].startswith("shardId-") and placement["SequenceNumber"].isdigit(), told
    return told


def boto(server, region="us-east-1"):
    return boto3.client(
        "kinesis", endpoint_url=f"http://{server.ingest}", region_name=region, aws_access_key_id="key",
        aws_secret_access_key="secret", config=botocore.config.Config(retries={"max_attempts": 1}))


def records(server, stream):
    """Every record of a stream, shard for shard: (partition key, bytes)."""
    client, found = boto(server), []
    for shard in client.list_shards(StreamName=stream)["Shards"]:
        iterator = client.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        while iterator:
            answer = client.get_records(ShardIterator=iterator)
            found += [(record["PartitionKey"], record["Data"]) for record in answer["Records"]]
            iterator = answer.get("NextShardIterator")
            if not answer["Records"] and answer["MillisBehindLatest"] == 0:
                break
    return found


def decoded(answer):
    """The records of a GET …/records answer."""
    return [(record["PartitionKey"], base64.b64decode(record["Data"])) for record in answer["Records"]]
