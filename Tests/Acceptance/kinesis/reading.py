"""Reading streams to their end."""


def shards(kinesis, stream, **more):
    return [s for page in kinesis.get_paginator("list_shards").paginate(StreamName=stream, **more)
            for s in page["Shards"]]


def iterator(kinesis, stream, shard="shardId-000000000000", kind="TRIM_HORIZON", **more):
    return kinesis.get_shard_iterator(
        StreamName=stream, ShardId=shard, ShardIteratorType=kind, **more)["ShardIterator"]


def from_iterator(kinesis, place, limit=None):
    """The records up to the tip, or to the end of a closed shard; and the last answer."""
    records = []
    while True:
        answer = kinesis.get_records(ShardIterator=place, **({"Limit": limit} if limit else {}))
        records += answer["Records"]
        place = answer.get("NextShardIterator")
        if place is None or (not answer["Records"] and answer["MillisBehindLatest"] == 0):
            return records, answer


def shard_records(kinesis, stream, shard="shardId-000000000000"):
    return from_iterator(kinesis, iterator(kinesis, stream, shard))[0]


def all_records(kinesis, stream):
    return [r for shard in shards(kinesis, stream) for r in shard_records(kinesis, stream, shard["ShardId"])]
