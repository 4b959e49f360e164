"""Records signed requests of Kinesis's own interface: record_native.py URL FILE.

Makes the stream `bench-native` at URL, and writes a PutRecords of 100 pins as botocore signs and sends it to FILE, for
load.lua to replay.
"""
import sys

import boto3
import botocore.config

PIN = (b'{"index":7528,"unique_id":"fbe53c66-3442-4773-b19e-d3ec6f54dddf","title":"No Title Data Available",'
       b'"description":"' + b"Fall decorating on a budget: quick tips for every room. " * 6 + b'","poster_name":'
       b'"User Info Error","follower_count":"12k","tag_list":"Home Decor,Fall Decor,Diy,Budget,Ideas,Kitchen",'
       b'"is_image_or_video":"image","downloaded":0,"save_location":"Local save in /data/home-decor",'
       b'"category":"home-decor"}')


def main(url, path):
    client = boto3.client(
        "kinesis", endpoint_url=url, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret",
        config=botocore.config.Config(retries={"max_attempts": 1}))
    client.create_stream(StreamName="bench-native", ShardCount=4)

    def record(request, **_):
        headers = {name: value.decode() if isinstance(value, bytes) else value
                   for name, value in request.headers.items() if name.lower() not in ("content-length", "expect")}
        text = "POST /\n" + "".join(f"{name}: {value}\n" for name, value in headers.items()) + "\n"
        with open(path, "wb") as file:
            file.write(text.encode() + request.body)

    client.meta.events.register("before-send.kinesis.PutRecords", record)
    answer = client.put_records(StreamName="bench-native", Records=[
        {"PartitionKey": str(n), "Data": PIN} for n in range(100)])
    assert answer["FailedRecordCount"] == 0


main(*sys.argv[1:])
