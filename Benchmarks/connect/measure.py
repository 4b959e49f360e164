"""Fills a topic, then times how long a connector needs to store it: measure.py DATA RECORDS OPEN_FILES."""
import json
import os
import subprocess
import sys
import time

import requests
from confluent_kafka import Producer

FLUSH, TOPIC = 100_000, "bench.raw"
CONFIG = {
    "connector.class": "io.confluent.connect.s3.S3SinkConnector",
    "topics": TOPIC, "s3.bucket.name": "bench", "flush.size": str(FLUSH),
    "storage.class": "io.confluent.connect.s3.storage.S3Storage",
    "format.class": "io.confluent.connect.s3.format.json.JsonFormat",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
}
BY_HOUR = {
    "partitioner.class": "io.confluent.connect.storage.partitioner.HourlyPartitioner",
    "locale": "en-GB", "timezone": "UTC", "timestamp.extractor": "Record",
}
VALUES = [json.dumps({"index": n, "category": "art", "text": "x" * 540}).encode() for n in range(1000)]


def start(data):
    command = [os.environ["PINLINE_BIN"], "serve", "--data", data]
    for port in ("--ingest", "--kafka", "--web"):
        command += [port, "127.0.0.1:0"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with open(f"{data}/endpoints.json") as file:
                return server, json.load(file)
        except (OSError, ValueError):
            time.sleep(0.05)
    server.kill()
    sys.exit("bench: pinline was not ready within 30 seconds")


def fill(address, count, files):
    producer = Producer({
        "bootstrap.servers": address, "linger.ms": 20, "batch.size": 900_000,
        "queue.buffering.max.messages": 1_000_000, "queue.buffering.max.kbytes": 2_000_000})
    for number in range(count):
        at = 1_700_000_000_000 + number % files * 3_600_000
        while True:
            try:
                producer.produce(TOPIC, VALUES[number % 1000], partition=0, timestamp=at)
                break
            except BufferError:
                producer.poll(0.05)
    if producer.flush(120):
        sys.exit("bench: not every record was acknowledged")


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid):
    return next(int(line.split()[1]) // 1024 for line in open(f"/proc/{pid}/status") if line.startswith("VmHWM"))


def committed(web):
    tasks = requests.get(f"http://{web}/connectors/bench/progress", timeout=30).json()["tasks"]
    return sum(partition["committed"] for task in tasks for partition in task["partitions"])


def main(data, count, files):
    server, ports = start(data)
    try:
        fill(ports["kafka"], count, files)
        # The peak from here on.
        open(f"/proc/{server.pid}/clear_refs", "w").write("5")
        cpu, began = cpu_seconds(server.pid), time.monotonic()
        config = CONFIG | (BY_HOUR if files > 1 else {})
        answer = requests.post(f"http://{ports['web']}/connectors", json={"name": "bench", "config": config}, timeout=30)
        answer.raise_for_status()
        while committed(ports["web"]) < count // FLUSH * FLUSH:
            if time.monotonic() - began > 300:
                sys.exit("bench: the connector was not done within 5 minutes")
            time.sleep(0.05)
        wall = time.monotonic() - began
        print(f"{files:>4} open files: {count / wall:9.0f} records/s, "
              f"{(cpu_seconds(server.pid) - cpu) / count * 1e6:5.2f} us CPU a record, peak {peak_mb(server.pid)} MB")
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
