"""Kafka Connect's REST interface as its users' scripts speak it, and the connector file that people have."""
import requests

import harness

USER = harness.USER
BUCKET = f"user-{USER}-bucket"

# As it stands in about forty public repositories, but for the user's id and the connector's name.
PEOPLES_FILE = f"""\
connector.class=io.confluent.connect.s3.S3SinkConnector
# same region as our bucket and cluster
s3.region=us-east-1
flush.size=1
schema.compatibility=NONE
tasks.max=3
# include nomeclature of topic name, given here as an example will read all data from topic names starting with msk.topic....
topics.regex={USER}.*
format.class=io.confluent.connect.s3.format.json.JsonFormat
partitioner.class=io.confluent.connect.storage.partitioner.DefaultPartitioner
value.converter.schemas.enable=false
value.converter=org.apache.kafka.connect.json.JsonConverter
storage.class=io.confluent.connect.s3.storage.S3Storage
key.converter=org.apache.kafka.connect.storage.StringConverter
s3.bucket.name={BUCKET}
"""


def peoples_config(**changes):
    lines = [line for line in PEOPLES_FILE.splitlines() if line and not line.startswith("#")]
    config = dict(line.split("=", 1) for line in lines)
    config.update({key.replace("_", "."): value for key, value in changes.items()})
    return {key: value for key, value in config.items() if value is not None}


class Connect:
    """The interface of a server, or of any Kafka Connect."""

    def __init__(self, address):
        self.url = f"http://{address}"
        self.session = requests.Session()

    def call(self, method, path, body=None, **options):
        return self.session.request(method, self.url + path, json=body, timeout=60, **options)

    def get(self, path):
        answer = self.call("GET", path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def create(self, name, config, **more):
        answer = self.call("POST", "/connectors", {"name": name, "config": config, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def wait_for(self, name, state="RUNNING", seconds=30):
        """Waits until the connector and all its tasks are in a state."""
        def is_there():
            status = self.get(f"/connectors/{name}/status")
            return all(part["state"] == state for part in [status["connector"], *status["tasks"]]) and status

        return harness.eventually(is_there, lambda: self.get(f"/connectors/{name}/status"), seconds)

    def progress(self, name):
        """Committed offsets and lags by (topic, partition)."""
        tasks = self.get(f"/connectors/{name}/progress")["tasks"]
        return {(p["topic"], p["partition"]): p for task in tasks for p in task["partitions"]}

    def wait_until_stored(self, name, counts, seconds=60):
        """Waits until the connector has stored so many records of each topic."""
        def committed():
            sums = {}
            for (topic, _), p in self.progress(name).items():
                sums[topic] = sums.get(topic, 0) + p["committed"]
            return {topic: sums.get(topic) for topic in counts}

        harness.eventually(
            lambda: committed() == counts,
            lambda: f"stored {committed()}, not {counts}: {self.get(f'/connectors/{name}/status')}", seconds)


def error(answer, status, *words):
    """Checks an error as Kafka Connect has them, and returns its message."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    assert answer.headers["content-type"].startswith("application/json"), answer.headers
    body = answer.json()
    assert set(body) == {"error_code", "message"} and body["error_code"] == status, body
    for word in words:
        assert word in body["message"], body["message"]
    return body["message"]


def bucket_objects(folder):
    """Every object's bytes by its key, of a folder that stands for a bucket."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
