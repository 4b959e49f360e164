"""A Pinline server as its users meet it: a process, its two ports, and the files it leaves behind."""
import json
import os
import pathlib
import re
import signal
import subprocess
import time

import requests

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
PIPELINE = CHECKOUT / "Pipelines" / "pinterest"
USER = "12f4a3e5b9c5"
KAFKA_JSON = "application/vnd.kafka.json.v2+json"
KAFKA_BINARY = "application/vnd.kafka.binary.v2+json"

# Small objects soon, so that a test need not wait for the default of ten seconds.
QUICK_SINK = {"PINLINE_SINK_ROTATE_SCHEDULE_INTERVAL_MS": "200"}


def binary():
    path = pathlib.Path(os.environ.get("PINLINE_BIN") or CHECKOUT / ".build" / "release" / "pinline")
    if not path.is_absolute():
        path = pathlib.Path.cwd() / path
    assert path.exists(), f"there is no program at {path}: build it first (scripts/build) or set PINLINE_BIN"
    return path


def environment(extra=None):
    """The caller's environment without settings of its own, so that a test sees the defaults."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PINLINE_") or k == "PINLINE_LIBDUCKDB"}
    return {**kept, "PINLINE_PIPELINE": str(PIPELINE), **(extra or {})}


def run(*arguments, env=None, timeout=120, cwd=None):
    """One command to its end; never raises for its exit code."""
    return subprocess.run(
        [str(binary()), *map(str, arguments)], env=environment(env), cwd=cwd, timeout=timeout,
        capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL)


def succeed(*arguments, **options):
    done = run(*arguments, **options)
    assert done.returncode == 0, f"pinline {' '.join(map(str, arguments))}: {done.returncode}\n{done.stderr}"
    return done.stdout


def batch(*where, **options):
    """The batch job's whole answer. `where` is such as `"--data", folder`."""
    return json.loads(succeed("batch", *where, "--format", "json", **options))


def query(question, *where, **options):
    """The rows of a query as lists; a question with a blank is SQL, another is a query's name."""
    asked = ["--sql", question] if " " in question else [question]
    answer = json.loads(succeed("query", *asked, *where, "--format", "json", **options))
    rows = answer.get("rows", answer.get("results")) if isinstance(answer, dict) else answer
    return [list(row.values()) if isinstance(row, dict) else row for row in rows]


def eventually(condition, what, seconds=30):
    """Waits until the condition holds, and returns what it gave; fails when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.02)


class Server:
    """`pinline serve` on free ports over one data folder; may be started again after it ended."""

    def __init__(self, data, env=None, arguments=(), log=None):
        self.data = pathlib.Path(data)
        self.env = {**QUICK_SINK, **(env or {})}
        self.arguments = arguments
        self.ingest_address = self.kafka_address = "127.0.0.1:0"
        self.process = None
        # Beside the data folder, but not on its disk.
        self.log = pathlib.Path(log) if log else self.data.parent / f"{self.data.name}.server.log"
        self.session = requests.Session()

    # ---- Its life

    def start(self, seconds=30):
        (self.data / "endpoints.json").unlink(missing_ok=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(binary()), "serve", "--data", str(self.data), "--ingest", self.ingest_address,
                 "--kafka", self.kafka_address, "--web", "127.0.0.1:0", *map(str, self.arguments)],
                env=environment(self.env), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        endpoints = eventually(self._endpoints, lambda: f"the server is not ready\n{self.log_tail()}", seconds)
        self.ingest, self.web, self.kafka = endpoints["ingest"], endpoints["web"], endpoints["kafka"]
        self.host, port = self.ingest.rsplit(":", 1)
        self.port = int(port)
        return self

    def _endpoints(self):
        assert self.process.poll() is None, f"the server ended with {self.process.returncode}\n{self.log_tail()}"
        try:
            endpoints = json.loads((self.data / "endpoints.json").read_text())
            if endpoints["pid"] != self.process.pid:
                return None
            ready = requests.get(f"http://{endpoints['web']}/readyz", timeout=5)
        except (OSError, ValueError, requests.RequestException):
            return None
        return endpoints if ready.status_code == 200 else None

    def stop(self):
        """Ends it as an operator would, and returns its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self):
        """Ends it as a power cut would."""
        return self._end(signal.SIGKILL)

    def _end(self, number):
        self.session.close()
        self.session = requests.Session()
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(20)
        return self.process.returncode if self.process else None

    def log_tail(self, characters=3000):
        return self.log.read_text(errors="replace")[-characters:] if self.log.exists() else ""

    # ---- Posting, as the emulators of the course do

    def post(self, topic, *rows, stage="test"):
        """Posts rows to a topic in one request; fails unless each was acknowledged, returns the offsets."""
        body = json.dumps({"records": [{"value": row} for row in rows]})
        answer = self.session.post(
            f"http://{self.ingest}/{stage}/topics/{topic}", data=body, headers={"Content-Type": KAFKA_JSON},
            timeout=30)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        offsets = answer.json()["offsets"]
        assert len(offsets) == len(rows) and all(o["error_code"] is None for o in offsets), answer.text
        return [(o["partition"], o["offset"]) for o in offsets]

    def post_all(self, topic, rows, size=100):
        rows = list(rows)
        for start in range(0, len(rows), size):
            self.post(topic, *rows[start:start + size])

    # ---- What it stored

    def lag(self):
        """How many acknowledged records are not in an object yet."""
        text = requests.get(f"http://{self.web}/metrics", timeout=10).text
        sums = re.findall(r"^pinline_sink_lag_records_sum(?:\{[^}]*\})? ([0-9.e+]+)", text, re.MULTILINE)
        assert sums, f"no lag among the metrics\n{text[:2000]}"
        return float(sums[0])

    def wait_until_stored(self, counts, seconds=60):
        """Waits until the bucket holds that many records of each topic, and nothing is left to store."""
        def state():
            return {topic: sum(text.count(b"\n") for text in objects(self.data, topic).values()) for topic in counts}

        eventually(
            lambda: self.lag() == 0 and state() == counts,
            lambda: f"the bucket holds {state()}, not {counts}; lag {self.lag()}\n{self.log_tail()}", seconds)


# ---- The bucket

def objects(data, topic=None):
    """Every object's bytes by its path under the bucket."""
    bucket = pathlib.Path(data) / "bucket"
    folder = bucket / "topics" / topic if topic else bucket
    return {str(path.relative_to(bucket)): path.read_bytes() for path in sorted(folder.rglob("*.json"))}


def lines(data, topic):
    """The lines of a topic by (partition, offset); fails if an object's name does not fit what is before it."""
    found, ends = {}, {}
    for name, content in objects(data, topic).items():
        escaped = re.escape(topic)
        match = re.fullmatch(rf"topics/{escaped}/partition=(\d+)/{escaped}\+(\d+)\+(\d{{10}})\.json", name)
        assert match, f"an object has a name of its own kind: {name}"
        partition, first = int(match[2]), int(match[3])
        assert int(match[1]) == partition, name
        assert first == ends.get(partition, 0), f"{name} does not begin where the object before it ends"
        assert content.endswith(b"\n"), f"{name} ends in the middle of a line"
        texts = content[:-1].split(b"\n")
        found.update({(partition, first + i): text for i, text in enumerate(texts)})
        ends[partition] = first + len(texts)
    return found


def records(data, topic):
    """The values of a topic in the order of partition and offset."""
    return [json.loads(line) for _, line in sorted(lines(data, topic).items())]


def write_bucket(folder, rows_by_topic):
    """A bucket without a server: one object for each topic."""
    for topic, rows in rows_by_topic.items():
        partition = pathlib.Path(folder) / "topics" / topic / "partition=0"
        partition.mkdir(parents=True)
        text = "".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n" for row in rows)
        (partition / f"{topic}+0+0000000000.json").write_text(text, encoding="utf-8")
    return folder
