"""Both versions of REST Proxy with schemas, and Confluent's own serializers on the other side."""
import itertools
import json
import uuid

import requests
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import SchemaRegistryClient

DEADLINE = 30
_numbers = itertools.count()


def fresh(name):
    """A name that no other test uses."""
    return f"{name}-{next(_numbers)}-{uuid.uuid4().hex[:8]}"


def media(kind):
    return f"application/vnd.kafka.{kind}.v2+json"


class SchemaProxy:
    def __init__(self, server, registry):
        self.server = server
        self.registry = registry
        self.base = f"http://{server.ingest}"
        self.schemas = SchemaRegistryClient(
            {"url": registry.url, "basic.auth.user.info": "proxy:s3cret"})
        self.cluster = requests.get(f"{self.base}/v3/clusters", timeout=DEADLINE).json()["data"][0]["cluster_id"]

    def make_topic(self, partitions=1):
        topic = fresh("topic")
        admin = AdminClient({"bootstrap.servers": self.server.kafka})
        admin.create_topics([NewTopic(topic, partitions)])[topic].result(DEADLINE)
        return topic

    # Version 2

    def post(self, kind, topic, status=200, **body):
        """Posts records of a format by version 2; `value_schema` and the like beside `records`."""
        answer = requests.post(
            f"{self.base}/topics/{topic}", data=json.dumps(body), timeout=DEADLINE,
            headers={"Content-Type": media(kind)})
        assert answer.status_code == status, f"{answer.status_code} {answer.text}"
        return answer.json()

    def consume(self, kind, topic, count):
        """Reads records by a consumer instance of a format."""
        uri = self.instance(kind, topic)
        records = []
        for _ in range(DEADLINE):
            answer = self.read(kind, uri)
            assert answer.status_code == 200, answer.text
            records += answer.json()
            if len(records) >= count:
                return records
        raise AssertionError(f"only {records} came")

    def instance(self, kind, topic, status=200):
        wish = {"format": kind, "auto.offset.reset": "earliest", "fetch.min.bytes": 0}
        answer = requests.post(
            f"{self.base}/consumers/{fresh('group')}", data=json.dumps(wish), timeout=DEADLINE,
            headers={"Content-Type": "application/vnd.kafka.v2+json"})
        assert answer.status_code == status, answer.text
        if status != 200:
            return answer.json()
        uri = answer.json()["base_uri"]
        requests.post(
            f"{uri}/subscription", data=json.dumps({"topics": [topic]}), timeout=DEADLINE,
            headers={"Content-Type": "application/vnd.kafka.v2+json"}).raise_for_status()
        return uri

    def read(self, kind, uri):
        return requests.get(f"{uri}/records", headers={"Accept": media(kind)}, timeout=DEADLINE)

    # Version 3

    def produce(self, topic, *records):
        """Posts records by version 3 in one stream; the answers to each."""
        answer = requests.post(
            f"{self.base}/v3/clusters/{self.cluster}/topics/{topic}/records",
            data="".join(json.dumps(record) for record in records).encode(),
            headers={"Content-Type": "application/json"}, timeout=DEADLINE)
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines() if line]

    def batch(self, topic, *entries):
        answer = requests.post(
            f"{self.base}/v3/clusters/{self.cluster}/topics/{topic}/records:batch",
            json={"entries": list(entries)}, timeout=DEADLINE)
        assert answer.status_code == 207, answer.text
        return answer.json()

    # The Kafka port

    def bytes_of(self, topic, count):
        """Keys and values of a topic's first partition, as they lie in it."""
        consumer = Consumer({"bootstrap.servers": self.server.kafka, "group.id": fresh("reader")})
        consumer.assign([TopicPartition(topic, 0, 0)])
        found = []
        while len(found) < count:
            message = consumer.poll(DEADLINE)
            assert message is not None and message.error() is None, f"only {found} came"
            found.append((message.key(), message.value()))
        consumer.close()
        return found

    def send(self, topic, *pairs):
        """Sends keys and values to a topic's first partition."""
        producer = Producer({"bootstrap.servers": self.server.kafka})
        for key, value in pairs:
            producer.produce(topic, key=key, value=value, partition=0)
        assert producer.flush(DEADLINE) == 0
