"""Starts client programs (clients/README.md) and reads what they print."""
import json
import pathlib
import subprocess
import sys
import threading


from harness import CHECKOUT

CLIENTS = pathlib.Path(__file__).resolve().parent / "clients"
NAMES = ("kcat", "confluent", "kafkapython", "aio", "java")
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
DEADLINE = 90


def record(number, partition=0, timestamp=None, key="", value="", headers=()):
    """A record as the programs read it; an empty text gets the number."""
    return {
        "partition": partition, "timestamp": timestamp or 1_700_000_000_000 + number,
        "key": f"key {number}" if key == "" else key, "value": f"value {number}" if value == "" else value,
        "headers": [list(header) for header in headers]}


def content(records):
    """The records without their offsets, in the order of partition and offset."""
    ordered = sorted(records, key=lambda r: (r["partition"], r.get("offset", 0)))
    return [{name: value for name, value in each.items() if name != "offset"} for each in ordered]


class ClientPrograms:
    def __init__(self, folder):
        self.folder = folder
        self.jars = None

    def client(self, name, broker):
        if name == "kcat":
            return KcatClient(broker)
        if name == "java":
            return ProgramClient(self._java(), broker)
        return ProgramClient([sys.executable, str(CLIENTS / f"{name}.py")], broker)

    def _java(self):
        """The compiled program's command line; compiled once."""
        if self.jars is None:
            jars = sorted((CHECKOUT / ".tools" / "kafka-clients").glob("*.jar"))
            assert jars, "Apache Kafka's client is not in .tools/kafka-clients: run scripts/bootstrap --tests"
            self.jars = ":".join([*map(str, jars), str(self.folder)])
            subprocess.run(
                ["javac", "-cp", self.jars, "-d", str(self.folder), str(CLIENTS / "KafkaProgram.java")], check=True,
                timeout=DEADLINE)
        # Short-lived: a small heap and the quickest compiler.
        return ["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", self.jars, "KafkaProgram"]


def run(command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", timeout=DEADLINE)
    assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout[-500:]}\n{done.stderr[-3000:]}"
    return done.stdout


class ProgramClient:
    """One of the programs in clients/."""

    sets_timestamps = True
    administers = True

    def __init__(self, command, broker):
        self.command, self.broker = command, broker

    def _run(self, name, *arguments, text=None):
        return run([*self.command, name, self.broker, *map(str, arguments)], text)

    def create(self, partitions, *topics):
        self._run("create", partitions, *topics)

    def topics(self):
        return set(self._run("list").split())

    def delete(self, *topics):
        self._run("delete", *topics)

    def produce(self, topic, records, codec="none"):
        self._run("produce", topic, codec, text="".join(json.dumps(each) + "\n" for each in records))

    def consume(self, topic, count, since=None):
        printed = self._run("consume", topic, count, *([since] if since else []))
        return [json.loads(line) for line in printed.splitlines()]

    def member(self, group, topic, count=None):
        return Member([*self.command, "member", self.broker, group, topic, *([str(count)] if count else [])])


class KcatClient:
    """kcat; it makes topics by using them and deletes none."""

    sets_timestamps = False
    administers = False

    def __init__(self, broker):
        self.command = ["kcat", "-b", broker]

    def create(self, partitions, *topics):
        """They get as many partitions as the server gives to a topic made on first use."""
        for topic in topics:
            # Asking for one topic makes it; the answer that it is not there yet is no failure.
            subprocess.run([*self.command, "-L", "-t", topic], capture_output=True, timeout=DEADLINE)

    def topics(self):
        listed = json.loads(run([*self.command, "-L", "-J"]))
        return {topic["topic"] for topic in listed["topics"]}

    def produce(self, topic, records, codec="none"):
        """A run for each kind of headers: kcat gives all records of a run the same."""
        for partition, headers in sorted({(r["partition"], json.dumps(r["headers"])) for r in records}):
            alike = [r for r in records if (r["partition"], json.dumps(r["headers"])) == (partition, headers)]
            options = [part for name, value in json.loads(headers) for part in ("-H", f"{name}={value}")]
            text = "".join(f"{r['key'] or ''}\t{r['value'] or ''}\n" for r in alike)
            run([*self.command, "-P", "-t", topic, "-p", str(partition), "-K", "\t", "-Z", "-z", codec,
                 "-X", "acks=all", *options], text)

    def consume(self, topic, count, since=None):
        printed = run([*self.command, "-C", "-t", topic, "-o", f"s@{since}" if since else "beginning", "-c", str(count),
                       "-J", "-q"])
        return [self._record(json.loads(line)) for line in printed.splitlines()]

    @staticmethod
    def _record(told):
        flat = told.get("headers", [])
        return {"partition": told["partition"], "offset": told["offset"], "timestamp": told["ts"], "key": told["key"],
                "value": told["payload"], "headers": [list(pair) for pair in zip(flat[::2], flat[1::2])]}

    def member(self, group, topic, count=None):
        settings = ["auto.offset.reset=earliest", "auto.commit.interval.ms=50", "session.timeout.ms=6000",
                    "heartbeat.interval.ms=500", "topic.metadata.refresh.interval.ms=2000"]
        return Member(
            [*self.command, *(part for setting in settings for part in ("-X", setting)), "-J", "-u",
             *(["-c", str(count)] if count else []), "-G", group, topic], self._line)

    @classmethod
    def _line(cls, line):
        """kcat tells of rebalances in words."""
        if line.startswith("{"):
            return cls._record(json.loads(line))
        if "assigned:" in line:
            return {"assigned": sorted(int(part.split("]")[0]) for part in line.split("assigned:")[1].split("[")[1:])}
        return None


class Member:
    """A member of a group in a process of its own."""

    def __init__(self, command, parse=None):
        self.assigned, self.records, self.other = None, [], []
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            encoding="utf-8", errors="replace")
        self.parse = parse or (lambda line: json.loads(line) if line.startswith("{") else None)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            told = self.parse(line)
            if told is None:
                self.other.append(line)
            elif "assigned" in told:
                self.assigned = told["assigned"]
            else:
                self.records.append(told)

    def values(self):
        return [each["value"] for each in list(self.records)]

    def wait(self):
        """Waits until it has ended by itself, and returns what it has read."""
        assert self.process.wait(DEADLINE) == 0, self.trouble()
        self.reader.join(DEADLINE)
        return list(self.records)

    def kill(self):
        """Without a farewell: the group has to find out."""
        self.process.kill()
        self.process.wait(DEADLINE)
        self.reader.join(DEADLINE)

    def trouble(self):
        return f"assigned {self.assigned}, {len(self.records)} records\n{''.join(self.other[-30:])}"
