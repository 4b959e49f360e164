"""Records that arrive at a fixed rate, and the connector that stores them: arriving.py DATA partitions|fields [RATE] [SECONDS].

A producer sends RATE records a second over 200 partitions, or with 200 values of a field to one, while a connector
has a file open for each of the 200 and a schedule closes them every 20 seconds. Memory, lag and the next flush are
looked at four times a second, the latter by the same /metrics and status that operators have.
"""
import json
import subprocess
import sys
import threading
import time

import measure
import requests
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

FILES, EVERY_MS = 200, 20_000
BY_FIELD = {
    "partitioner.class": "io.confluent.connect.storage.partitioner.FieldPartitioner",
    "partition.field.name": "index", "value.converter.schemas.enable": "true",
}
SCHEMA = {"type": "struct", "optional": False, "fields": [
    {"field": "index", "type": "int32"}, {"field": "category", "type": "string"}, {"field": "text", "type": "string"}]}


def value(number, kind):
    row = {"index": number, "category": "art", "text": "x" * 540}
    return json.dumps({"schema": SCHEMA, "payload": row} if kind == "fields" else row, separators=(",", ":")).encode()


class Arriving:
    """A producer that keeps to its rate, in a thread."""

    def __init__(self, address, kind, rate, seconds):
        self.kind, self.rate, self.seconds, self.sent, self.longest = kind, rate, seconds, 0, 0.0
        self.producer = Producer({
            "bootstrap.servers": address, "linger.ms": 10, "batch.size": 200_000,
            "queue.buffering.max.messages": 2_000_000, "queue.buffering.max.kbytes": 1_000_000})
        self.values = [value(number, kind) for number in range(FILES)]
        self.thread = threading.Thread(target=self.run)

    def run(self):
        began = time.monotonic()
        while (passed := time.monotonic() - began) < self.seconds:
            due = int(passed * self.rate)
            for number in range(self.sent, due):
                file = number % FILES
                self.producer.produce(measure.TOPIC, self.values[file], partition=file if self.kind == "partitions" else 0)
            self.sent = due
            self.producer.poll(0)
            # How far behind its rate it ever came.
            self.longest = max(self.longest, time.monotonic() - began - passed)
            time.sleep(0.005)
        if self.producer.flush(60):
            sys.exit("bench: not every record was acknowledged")


def samples(web):
    """The connector's own metrics: lag, open files and the next flush."""
    found = {"lag_records": 0.0, "open_files": 0.0, "next_flush_seconds": 0.0}
    for line in requests.get(f"http://{web}/metrics", timeout=30).text.splitlines():
        name = line.split("{", 1)[0].removeprefix("pinline_connect_")
        if name in found and line.startswith("pinline_connect_"):
            number = float(line.rsplit(" ", 1)[1])
            found[name] = max(found[name], number) if name.startswith("next") else found[name] + number
    return found


def resident_mb(pid):
    line = next(line for line in open(f"/proc/{pid}/status") if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main(data, kind, rate, seconds):
    server, ports = measure.start(data)
    try:
        admin = AdminClient({"bootstrap.servers": ports["kafka"]})
        topic = NewTopic(measure.TOPIC, FILES if kind == "partitions" else 1, 1)
        for future in admin.create_topics([topic]).values():
            future.result(60)
        config = {**measure.CONFIG, "flush.size": "10000000", "rotate.schedule.interval.ms": f"{EVERY_MS}",
                  "timezone": "UTC", **(BY_FIELD if kind == "fields" else {})}
        made = requests.post(f"http://{ports['web']}/connectors", json={"name": "bench", "config": config}, timeout=30)
        made.raise_for_status()
        arriving = Arriving(ports["kafka"], kind, rate, seconds)
        cpu = measure.cpu_seconds(server.pid)
        began = time.monotonic()
        arriving.thread.start()
        seen, unread = [], []
        while arriving.thread.is_alive():
            seen.append((resident_mb(server.pid), samples(ports["web"])))
            partitions = [part for task in requests.get(
                f"http://{ports['web']}/connectors/bench/progress", timeout=30).json()["tasks"] for part in task["partitions"]]
            unread.append(sum(part["end"] - part["position"] for part in partitions))
            time.sleep(0.25)
        took = time.monotonic() - began
        cpu = measure.cpu_seconds(server.pid) - cpu
        requests.post(f"http://{ports['web']}/connectors/bench/flush", timeout=120).raise_for_status()
        assert measure.committed(ports["web"]) == arriving.sent, "not every record is stored"
        count = subprocess.run(
            f"find '{data}/buckets/bench' -name '*.json' -print0 | xargs -0 cat | wc -l", shell=True, check=True,
            capture_output=True, text=True).stdout
        assert int(count) == arriving.sent, f"{count} lines for {arriving.sent} records"
        resident = sorted(memory for memory, _ in seen)
        due = sum(1 for _, metrics in seen if metrics["next_flush_seconds"] > 0)
        print(f"{FILES} {kind}: {arriving.sent / took:.0f} records/s arrived for {took:.0f} s, CPU {cpu / took:.2f} cores; "
              f"resident median {resident[len(resident) // 2]:.0f} MB, most {resident[-1]:.0f} MB (peak {measure.peak_mb(server.pid)} MB); "
              f"open files at most {max(metrics['open_files'] for _, metrics in seen):.0f}; "
              f"lag at most {max(metrics['lag_records'] for _, metrics in seen):.0f} records, of them unread at most "
              f"{max(unread)}; next flush told in {due} of {len(seen)} looks; each record stored once")
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 100_000,
         float(sys.argv[4]) if len(sys.argv) > 4 else 60)
