"""Kills in the middle of PutRecords: what was acknowledged is readable."""
import threading

import harness
import reading
from kinesis_clients import connect


def test_every_acknowledged_record_is_readable_after_kills(serve):
    server = serve()
    connect(server).create_stream(StreamName="killed", ShardCount=2)
    server.ingest_address = server.ingest
    acknowledged, stop = {}, threading.Event()

    def put(writer):
        kinesis = connect(server, retries=0)
        number = 0
        while not stop.is_set():
            values = [f"{writer}-{number + i}" for i in range(20)]
            try:
                answer = kinesis.put_records(
                    StreamName="killed", Records=[{"Data": v.encode(), "PartitionKey": v} for v in values])
            except Exception:  # noqa: BLE001: a server that is gone fails in many ways, and the same is sent again
                continue
            for value, record in zip(values, answer["Records"]):
                if "SequenceNumber" in record:
                    acknowledged[value] = (record["ShardId"], record["SequenceNumber"])
            number += len(values)

    writers = [threading.Thread(target=put, args=(i,)) for i in range(3)]
    for writer in writers:
        writer.start()
    for _ in range(5):
        before = len(acknowledged)
        harness.eventually(lambda: len(acknowledged) > before + 200, "nothing is acknowledged")
        server.kill()
        server.start()
    stop.set()
    for writer in writers:
        writer.join()
    kinesis = connect(server)
    found = {}
    for shard in reading.shards(kinesis, "killed"):
        numbers = []
        for record in reading.shard_records(kinesis, "killed", shard["ShardId"]):
            numbers.append(int(record["SequenceNumber"]))
            found.setdefault(record["Data"].decode(), set()).add((shard["ShardId"], record["SequenceNumber"]))
        assert numbers == sorted(set(numbers))
    missing = {v for v, place in acknowledged.items() if place not in found.get(v, ())}
    assert len(acknowledged) > 1000 and not missing


def test_splits_while_records_are_put_lose_nothing(serve):
    server = serve()
    kinesis = connect(server)
    kinesis.create_stream(StreamName="split", ShardCount=1)
    put, stop = [], threading.Event()

    def write(writer):
        client, number = connect(server), 0
        while not stop.is_set():
            value = f"{writer}-{number}".encode()
            client.put_record(StreamName="split", Data=value, PartitionKey=value.decode())
            put.append(value)
            number += 1

    writers = [threading.Thread(target=write, args=(i,)) for i in range(4)]
    for writer in writers:
        writer.start()
    for count in (2, 4, 2, 3, 1):
        kinesis.update_shard_count(StreamName="split", TargetShardCount=count, ScalingType="UNIFORM_SCALING")
        before = len(put)
        harness.eventually(lambda: len(put) > before + 50, "nothing is put")
    stop.set()
    for writer in writers:
        writer.join()
    assert sorted(r["Data"] for r in reading.all_records(kinesis, "split")) == sorted(put)
