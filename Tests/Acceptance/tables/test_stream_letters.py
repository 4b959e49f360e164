"""Records that belong to no table: in the dead-letter topic once, with reason and origin, and in nobody's way."""
import base64
import json
import shutil

import pytest
from confluent_kafka import Consumer, TopicPartition

import boto3
import botocore.config
import harness
import real_rows
from stream_tables import QUICK_TABLES, batch_rows, flush, rows, table

USER = harness.USER
LETTERS = "pinline.dead-letters"


def letters(server):
    """Every dead letter: (topic, partition, offset, reason, connector, value)."""
    consumer = Consumer({"bootstrap.servers": server.kafka, "group.id": "reader", "enable.auto.commit": False})
    partition = TopicPartition(LETTERS, 0, 0)
    consumer.assign([partition])
    _, end = consumer.get_watermark_offsets(TopicPartition(LETTERS, 0), timeout=20)
    found = []
    while len(found) < end:
        found += consumer.consume(end - len(found), timeout=20)
    consumer.close()
    told = []
    for letter in found:
        headers = {name.removeprefix("__connect.errors."): value.decode() for name, value in letter.headers()}
        told.append((headers["topic"], int(headers["partition"]), int(headers["offset"]), headers["exception.message"],
                     headers.get("connector.name"), letter.value()))
    return told


def put(server, stream, *values):
    client = boto3.client(
        "kinesis", endpoint_url=f"http://{server.ingest}", region_name="us-east-1", aws_access_key_id="key",
        aws_secret_access_key="secret", config=botocore.config.Config(retries={"max_attempts": 1}))
    if stream not in client.list_streams()["StreamNames"]:
        client.create_stream(StreamName=stream, ShardCount=1)
    for start in range(0, len(values), 400):
        answer = client.put_records(StreamName=stream, Records=[
            {"PartitionKey": "p", "Data": value} for value in values[start:start + 400]])
        assert answer["FailedRecordCount"] == 0


def test_malformed_records_of_the_wire_do_not_stop_the_stream(serve):
    """Each record that scripts have sent to streams, and objects with JSON in strings: rows or letters, none lost."""
    server = serve()
    wire = [base64.b64decode(record["data"]) for record in real_rows.ndjson("wire/kinesis_records.ndjson")]
    double = [record["raw_line"].encode() for record in real_rows.ndjson("wire/kafka_double_encoded_pin.ndjson")]
    broken = [b"", b" ", b"{", b"\xff\xfe", b"null", b"[]", b"12", b'"text"', b'{"a":1}', b'{"index":1,"index":2}',
              b"[" * 5000, b'{"index":{"$date":1}}', b"{index=7528, title=A}"]
    stream = f"streaming-{USER}-pin"
    put(server, stream, *wire, *double, *[value for value in broken if value], b'{"index":77,"unique_id":"last"}')
    flush(server)
    found = letters(server)
    assert all(topic == stream and connector == "pinline-stream" for topic, _, _, _, connector, _ in found)
    values = [value for *_, value in found]
    assert values.count(b'""') == 226
    for value in broken[1:]:
        assert values.count(value) == 1, value
    assert len(found) == 226 + len(broken) - 1
    # The batch job sets the same aside and makes the same rows of the rest.
    lines = [value for value in wire + double if value != b'""'] + [b'{"index":77,"unique_id":"last"}']
    folder = server.data.parent / "objects" / "topics" / f"{USER}.pin"
    folder.mkdir(parents=True)
    (folder / "rows.json").write_bytes(b"".join(line + b"\n" for line in lines))
    for name in ("pin", "geo", "users"):
        assert rows(server.data, name) == batch_rows(name, "--bucket", server.data.parent / "objects")


def test_a_record_is_set_aside_by_one_of_sink_and_stream(serve):
    server = serve()
    values = [b"{", b'{"a":1}', b'"{"', b'{"index":1,"unique_id":"u"}']
    answer = server.session.post(
        f"http://{server.ingest}/topics/{USER}.pin", headers={"Content-Type": harness.KAFKA_BINARY},
        data=json.dumps({"records": [{"value": base64.b64encode(value).decode()} for value in values]}))
    assert answer.status_code == 200
    flush(server)
    harness.eventually(lambda: server.lag() == 0, "the sink does not catch up")
    found = {offset: (connector, value) for _, _, offset, _, connector, value in letters(server)}
    assert found == {0: (None, b"{"), 1: ("pinline-stream", b'{"a":1}'), 2: ("pinline-stream", b'"{"')}
    assert len(letters(server)) == 3


@pytest.mark.parametrize("point", ["stream.after-letters:1", "stream.after-hashes:1", "stream.after-tables:1"])
def test_a_letter_is_sent_once_however_the_server_dies(serve, point):
    server = serve(env={**QUICK_TABLES, "PINLINE_FAULT": point})
    try:
        server.post(f"{USER}.pin", {"a": 1}, {"index": 1, "unique_id": "u"}, {"b": 2})
    except OSError:
        pass
    server.process.wait(20)
    server.env.pop("PINLINE_FAULT")
    server.start()
    flush(server)
    assert sorted(offset for _, _, offset, *_ in letters(server)) == [0, 2]
    assert len(rows(server.data, "pin")) == 1


def test_a_row_that_cleaning_cannot_take_is_set_aside_alone(serve, tmp_path):
    """A cleaning file that fails on some values: the other rows of the micro-batch are not held back."""
    pipeline = tmp_path / "pipeline"
    shutil.copytree(harness.PIPELINE, pipeline)
    clean = pipeline / "clean" / "users.sql"
    clean.write_text("SELECT ind, first_name AS user_name, CAST(date_joined AS int) AS age FROM users_raw\n")
    server = serve(env={"PINLINE_PIPELINE": str(pipeline)})
    people = [{"ind": n, "first_name": f"n{n}", "last_name": "x", "age": 1, "date_joined": "7" if n % 50 else "seven"}
              for n in range(300)]
    server.post_all(f"{USER}.user", people)
    flush(server)
    assert table(server.data, "users").to_pyarrow_table().num_rows == 294
    found = letters(server)
    assert sorted(offset for _, _, offset, *_ in found) == [0, 50, 100, 150, 200, 250]
    assert all(reason.startswith("clean/users.sql cannot take it: ") and "seven" in reason
               for _, _, _, reason, _, _ in found)
