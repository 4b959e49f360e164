"""The command line of AWS: what people type."""
import base64
import json
import os
import subprocess
import sys

import pytest


@pytest.fixture
def aws(server, tmp_path):
    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "awscli", "kinesis", "--endpoint-url", f"http://{server.ingest}",
             "--output", "json", *arguments],
            env={**os.environ, "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none",
                 "AWS_DEFAULT_REGION": "us-east-1", "HOME": str(tmp_path)},
            capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_a_stream_from_its_creation_to_its_deletion(aws):
    aws("create-stream", "--stream-name", "cli", "--shard-count", "1")
    aws("wait", "stream-exists", "--stream-name", "cli")
    put = aws("put-record", "--stream-name", "cli", "--partition-key", "k", "--data", "hello")
    aws("put-records", "--stream-name", "cli", "--records", *[f"Data={i},PartitionKey=p{i}" for i in range(3)])
    place = aws("get-shard-iterator", "--stream-name", "cli", "--shard-id", put["ShardId"],
                "--shard-iterator-type", "AT_SEQUENCE_NUMBER",
                "--starting-sequence-number", put["SequenceNumber"])["ShardIterator"]
    records = aws("get-records", "--shard-iterator", place)["Records"]
    assert [base64.b64decode(r["Data"]) for r in records] == [b"hello", b"0", b"1", b"2"]
    aws("split-shard", "--stream-name", "cli", "--shard-to-split", "shardId-000000000000",
        "--new-starting-hash-key", str(2 ** 127))
    assert len(aws("list-shards", "--stream-name", "cli")["Shards"]) == 3
    aws("add-tags-to-stream", "--stream-name", "cli", "--tags", "a=1,b=2")
    assert len(aws("list-tags-for-stream", "--stream-name", "cli")["Tags"]) == 2
    aws("increase-stream-retention-period", "--stream-name", "cli", "--retention-period-hours", "48")
    arn = aws("describe-stream-summary", "--stream-name", "cli")["StreamDescriptionSummary"]["StreamARN"]
    consumer = aws("register-stream-consumer", "--stream-arn", arn, "--consumer-name", "c")["Consumer"]
    aws("deregister-stream-consumer", "--consumer-arn", consumer["ConsumerARN"])
    assert aws("describe-limits")["OpenShardCount"] >= 2
    aws("delete-stream", "--stream-name", "cli")
    aws("wait", "stream-not-exists", "--stream-name", "cli")
    assert "cli" not in aws("list-streams")["StreamNames"]
