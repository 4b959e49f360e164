"""What clients of REST Proxy v3 do, and what the other side sees of it."""
import base64
import http.client
import itertools
import json
import uuid

import requests
from confluent_kafka import Consumer, TopicPartition

DEADLINE = 30
_numbers = itertools.count()


def fresh(name):
    """A name that no other test uses."""
    return f"{name}-{next(_numbers)}-{uuid.uuid4().hex[:8]}"


def b64(data):
    return base64.b64encode(data).decode()


def objects(text):
    """The JSON objects of a streamed answer."""
    return [json.loads(line) for line in text.splitlines() if line]


class Proxy:
    """The v3 interface of a server, below its cluster."""

    def __init__(self, server, stage="", session=None):
        self.server = server
        self.root = f"http://{server.ingest}{stage}/v3/clusters"
        self.session = session or requests.Session()
        self.cluster = self.session.get(self.root, timeout=DEADLINE).json()["data"][0]["cluster_id"]
        self.base = f"{self.root}/{self.cluster}"

    def url(self, path):
        return path if path.startswith("http") else f"{self.base}{path}"

    def call(self, method, path, status=200, **options):
        answer = self.session.request(method, self.url(path), timeout=DEADLINE, **options)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def get(self, path, status=200, **options):
        return self.call("GET", path, status, **options)

    def post(self, path, body, status=200):
        return self.call("POST", path, status, json=body)

    def error(self, method, path, status, **options):
        """The number of an error, after a look at its form."""
        answer = self.call(method, path, status, **options)
        assert set(answer) == {"error_code", "message"} and answer["message"], answer
        return answer["error_code"]

    def make_topic(self, name=None, partitions=1, **more):
        name = name or fresh("topic")
        self.post("/topics", {"topic_name": name, "partitions_count": partitions, **more}, 201)
        return name

    def produce(self, topic, *records, text=None):
        """Posts records in one body; the answers to each."""
        body = text if text is not None else "".join(json.dumps(record) for record in records)
        answer = self.session.post(
            self.url(f"/topics/{topic}/records"), data=body if isinstance(body, bytes) else body.encode(),
            headers={"Content-Type": "application/json"}, timeout=DEADLINE)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        assert answer.headers["Content-Type"] == "application/json"
        return objects(answer.text)


class Stream:
    """One chunked produce request, written and read piece by piece."""

    def __init__(self, proxy, topic):
        host, port = proxy.server.ingest.rsplit(":", 1)
        self.connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE)
        self.connection.putrequest("POST", f"/v3/clusters/{proxy.cluster}/topics/{topic}/records")
        self.connection.putheader("Content-Type", "application/json")
        self.connection.putheader("Transfer-Encoding", "chunked")
        self.connection.endheaders()
        self.answer = None

    def send(self, text):
        data = text.encode() if isinstance(text, str) else text
        self.connection.send(b"%x\r\n%s\r\n" % (len(data), data))

    def next(self):
        """The next answer object, which comes while the request is still open."""
        if self.answer is None:
            self.answer = self.connection.getresponse()
            assert self.answer.status == 200
        return json.loads(self.answer.readline())

    def end(self):
        self.connection.send(b"0\r\n\r\n")

    def rest(self):
        if self.answer is None:
            self.answer = self.connection.getresponse()
        return objects(self.answer.read().decode())


def records(server, topic, count, partitions=1, **settings):
    """The records of a topic from its beginning, as a Kafka client reads them."""
    consumer = Consumer({
        "bootstrap.servers": server.kafka, "group.id": fresh("reader"), "enable.auto.commit": False, "log_level": 2,
        **settings})
    try:
        consumer.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])
        found = []
        while len(found) < count:
            message = consumer.poll(DEADLINE)
            assert message is not None, f"{len(found)} records of {count}"
            assert message.error() is None, message.error()
            found.append(message)
        return found
    finally:
        consumer.close()
