"""REST Proxy v2 as scripts use it: consumer instances by `requests`, and what they read."""
import base64
import itertools
import json
import time

import requests
from confluent_kafka.admin import AdminClient, NewTopic

CONTROL = "application/vnd.kafka.v2+json"
JSON = "application/vnd.kafka.json.v2+json"
BINARY = "application/vnd.kafka.binary.v2+json"
# Nothing here takes longer on a machine that does other things too.
DEADLINE = 30

_numbers = itertools.count()


def fresh(what):
    """A name that no other test uses."""
    return f"{what}-{next(_numbers)}-{int(time.time() * 1000) % 100000}"


class Proxy:
    def __init__(self, server):
        self.server = server

    @property
    def base(self):
        return f"http://{self.server.ingest}/test"

    def get(self, path, status=200, **options):
        answer = requests.get(self.base + path, timeout=DEADLINE, **options)
        assert answer.status_code == status, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def make_topic(self, partitions=1, topic=None):
        topic = topic or fresh("topic")
        admin = AdminClient({"bootstrap.servers": self.server.kafka})
        admin.create_topics([NewTopic(topic, partitions)])[topic].result(DEADLINE)
        return topic

    def produce(self, topic, *records, kind=JSON):
        """Posts `{"value": …}` objects; returns their (partition, offset)."""
        answer = requests.post(
            f"{self.base}/topics/{topic}", data=json.dumps({"records": list(records)}),
            headers={"Content-Type": kind}, timeout=DEADLINE)
        assert answer.status_code == 200, answer.text
        return [(o["partition"], o["offset"]) for o in answer.json()["offsets"]]

    def create(self, group=None, status=200, **wish):
        answer = requests.post(
            f"{self.base}/consumers/{group or fresh('group')}", data=json.dumps(wish) if wish else None,
            headers={"Content-Type": CONTROL}, timeout=DEADLINE)
        assert answer.status_code == status, answer.text
        return Instance(answer.json(), wish.get("format", "binary")) if status == 200 else answer.json()

    def reading(self, *topics, group=None, **wish):
        """A JSON instance that is subscribed and begins at the beginning; polls answer at once."""
        wish = {"format": "json", "auto.offset.reset": "earliest", "fetch.min.bytes": 0, **wish}
        instance = self.create(group, **wish)
        instance.post("subscription", {"topics": list(topics)})
        return instance


class Instance:
    """One consumer instance by its `base_uri`."""

    def __init__(self, answer, kind="json"):
        self.uri = answer["base_uri"]
        self.id = answer["instance_id"]
        self.accept = {"json": JSON, "binary": BINARY}[kind.lower()]

    def call(self, method, path, body=None, status=None, headers=None, **options):
        answer = requests.request(
            method, f"{self.uri}/{path}".rstrip("/"), data=None if body is None else json.dumps(body),
            headers={"Content-Type": CONTROL, **(headers or {})}, timeout=DEADLINE, **options)
        assert status is None or answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def post(self, path, body=None, status=204):
        return self.call("POST", path, body, status)

    def refused(self, method, path, body=None, **options):
        """The status and the error of a request that is not done."""
        answer = self.call(method, path, body, **options)
        error = answer.json()
        assert set(error) == {"error_code", "message"}, error
        return answer.status_code, error["error_code"], error["message"]

    def poll(self, **query):
        answer = self.call("GET", "records", headers={"Accept": self.accept}, params=query, status=200)
        assert answer.headers["Content-Type"] == self.accept
        return answer.json()

    def poll_until(self, count, seconds=DEADLINE):
        """All that polls bring until there are so many records."""
        found, deadline = [], time.monotonic() + seconds
        while len(found) < count and time.monotonic() < deadline:
            found += self.poll()
        assert len(found) == count, found
        return found

    def assignment(self):
        return [(p["topic"], p["partition"]) for p in self.call("GET", "assignments", status=200).json()["partitions"]]

    def committed(self, topic, *partitions):
        body = {"partitions": [{"topic": topic, "partition": p} for p in partitions]}
        return self.call("GET", "offsets", body, status=200).json()["offsets"]

    def delete(self):
        self.call("DELETE", "", status=204)


def values(records):
    return [record["value"] for record in records]


def encoded(text):
    return base64.b64encode(text.encode()).decode()
