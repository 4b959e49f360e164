"""What the scripts put to streams, each in its own way, by requests as they do; read back by boto3."""
import json
import random
import uuid

import pytest

import harness
import real_rows
from stream_client import acknowledged, put, records, send

USER = harness.USER
KINDS = ("pin", "geo", "user")


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve()


@pytest.fixture(scope="module")
def post():
    """One post: its pin, geolocation and user."""
    return real_rows.post_log()[0]


class Sender:
    """Puts the three rows of a post the way one script does."""

    def __init__(self, server, post, name):
        self.server, self.post, self.user = server, post, name

    def stream(self, kind):
        return f"streaming-{self.user}-{kind}"

    def put(self, kind, **changes):
        body = {"StreamName": self.stream(kind), "Data": self.post[kind], "PartitionKey": "partition-1", **changes}
        return acknowledged(send(self.server, "PUT", f"test/streams/{self.stream(kind)}/record", body))

    def all(self, **changes):
        for kind in KINDS:
            self.put(kind, **changes)

    def stored(self):
        return {kind: records(self.server, self.stream(kind)) for kind in KINDS}

    def holds(self, rows=None, key="partition-1"):
        """Each stream holds the post's row, as the JSON that was sent."""
        rows = rows or self.post
        assert self.stored() == {kind: [(key, json.dumps(rows[kind]).encode())] for kind in KINDS}


# ---- Each as its script sends it; its name is that in docs/compatibility.md

def stage_is_streams_and_the_body_names_another_stream(sender):
    for kind in KINDS:
        body = {"StreamName": sender.stream("geo"), "Data": sender.post[kind], "PartitionKey": "partition-1"}
        acknowledged(send(sender.server, "PUT", f"Streams/streams/{sender.stream(kind)}/record", body))
    sender.holds()


def one_stream_name_for_all(sender):
    sender.all(StreamName=sender.stream("pin"))
    sender.holds()


def a_stream_name_that_was_never_formatted(sender):
    sender.all(StreamName="{self.stream_name}")
    sender.holds()


def the_name_in_the_query(sender):
    key = str(random.Random(100).randint(0, 10000))
    for kind in KINDS:
        body = {"Data": sender.post[kind], "PartitionKey": key}
        acknowledged(send(sender.server, "PUT", f"test/streams/record?stream-name={sender.stream(kind)}", body))
    sender.holds(key=key)


def records_with_small_names_after_create_and_describe(sender):
    for kind in KINDS:
        path = f"test/streams/{sender.stream(kind)}"
        assert send(sender.server, "POST", path, {"ShardCount": 1}).status_code == 200
        assert send(sender.server, "GET", path).json()["StreamDescription"]["StreamStatus"] == "ACTIVE"
        body = {"StreamName": sender.stream(kind), "records": [
            {"data": sender.post[kind], "partition-key": "partition-1"}]}
        acknowledged(send(sender.server, "PUT", path + "/records", body))
    sender.holds()


def a_body_for_a_topic(sender):
    for kind in KINDS:
        for end in ("record", "records"):
            answer = send(
                sender.server, "PUT", f"test/streams/{sender.stream(kind)}/{end}",
                {"records": [{"value": sender.post[kind]}]})
            assert answer.status_code == 400
            assert "Member must not be null" in answer.json()["message"]
            assert "POST …/topics/{topic}" in answer.json()["message"]
    assert sender.stream("pin") not in send(sender.server, "GET", "test/streams").json()["StreamNames"]


def data_is_a_string_of_json(sender):
    for kind in KINDS:
        sender.put(kind, Data=json.dumps(sender.post[kind]))
    texts = {kind: [json.loads(json.loads(data)) for _, data in found] for kind, found in sender.stored().items()}
    assert texts == {kind: [sender.post[kind]] for kind in KINDS}


def one_stream_and_the_key_tells_the_table(sender):
    stream = f"Kinesis-Prod-Stream-{sender.user}"
    for kind in KINDS:
        acknowledged(put(sender.server, stream, sender.post[kind], key=f"{USER}-{kind}"))
    assert records(sender.server, stream) == [
        (f"{USER}-{kind}", json.dumps(sender.post[kind]).encode()) for kind in KINDS]


def singular_stream_and_rows_keyed_index(sender):
    rows = {kind: {("index" if name == "ind" else name): value for name, value in sender.post[kind].items()}
            for kind in KINDS}
    for kind in KINDS:
        body = {"StreamName": sender.stream(kind), "Data": rows[kind], "PartitionKey": "partition-1"}
        acknowledged(send(sender.server, "PUT", f"test/stream/{sender.stream(kind)}/record", body))
    sender.holds(rows)


def a_uuid_as_key(sender):
    key = str(uuid.UUID(int=7))
    sender.all(PartitionKey=key)
    sender.holds(key=key)


def a_number_as_key(sender):
    sender.all(PartitionKey=sender.post["pin"]["index"])
    sender.holds(key=str(sender.post["pin"]["index"]))


def list_and_describe_with_a_body_before(sender):
    sender.all()
    listed = send(sender.server, "GET", "test/streams?ExclusiveStartStreamName=streaming&Limit=3")
    assert len(listed.json()["StreamNames"]) <= 3 and listed.status_code == 200
    told = send(sender.server, "GET", f"test/streams/{sender.stream('pin')}", {"StreamName": "another"})
    assert told.json()["StreamDescription"]["StreamName"] == sender.stream("pin")
    sender.holds()


def no_data(sender):
    for kind in KINDS:
        answer = send(
            sender.server, "PUT", f"test/streams/{sender.stream(kind)}/record",
            {"StreamName": sender.stream(kind), "PartitionKey": "partition-1", **sender.post[kind]})
        assert answer.status_code == 400
        assert 'expected {"Data": any JSON, "PartitionKey": "text"}' in answer.json()["message"]


def a_row_in_value(sender):
    rows = {kind: {"value": sender.post[kind]} for kind in KINDS}
    for kind in KINDS:
        sender.put(kind, Data=rows[kind])
    sender.holds(rows)


def a_row_in_a_list_of_value(sender):
    rows = {kind: [{"value": sender.post[kind]}] for kind in KINDS}
    for kind in KINDS:
        sender.put(kind, Data=rows[kind])
    sender.holds(rows)


def get_by_mistake(sender):
    answer = send(sender.server, "GET", f"test/streams/{sender.stream('pin')}/record", {"Data": 1})
    assert answer.status_code == 403 and answer.json() == {"message": "Missing Authentication Token"}
    sender.all()
    sender.holds()


def doubled_and_trailing_slashes(sender):
    for kind in KINDS:
        body = {"StreamName": sender.stream(kind), "Data": sender.post[kind], "PartitionKey": "partition-1"}
        acknowledged(send(sender.server, "PUT", f"prod//streams//{sender.stream(kind)}/record/", body))
    sender.holds()


VARIANTS = [
    stage_is_streams_and_the_body_names_another_stream, one_stream_name_for_all,
    a_stream_name_that_was_never_formatted, the_name_in_the_query, records_with_small_names_after_create_and_describe,
    a_body_for_a_topic, data_is_a_string_of_json, one_stream_and_the_key_tells_the_table,
    singular_stream_and_rows_keyed_index, a_uuid_as_key, a_number_as_key, list_and_describe_with_a_body_before,
    no_data, a_row_in_value, a_row_in_a_list_of_value, get_by_mistake, doubled_and_trailing_slashes]


@pytest.mark.parametrize("number", range(len(VARIANTS)), ids=[variant.__name__ for variant in VARIANTS])
def test_variant(server, post, number):
    VARIANTS[number](Sender(server, post, f"{number:02d}{USER}"))


def test_every_variant_is_documented():
    text = (harness.CHECKOUT / "docs" / "compatibility.md").read_text(encoding="utf-8")
    for variant in VARIANTS:
        assert f"| {variant.__name__.replace('_', ' ')} |" in text, variant.__name__
