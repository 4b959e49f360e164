"""Every client does what people do with Kafka: topics, each codec, reading by time, groups, offsets."""
import itertools
import time

import pytest

import programs
from harness import eventually
from programs import CODECS, NAMES, content, record

PARTITIONS = 3
numbers = itertools.count()


@pytest.fixture(params=NAMES)
def client(request, client_programs, server):
    return client_programs.client(request.param, server.kafka)


@pytest.fixture
def confluent(client_programs, server):
    return client_programs.client("confluent", server.kafka)


@pytest.fixture
def topic(request, confluent):
    name = f"topic-{next(numbers)}.{request.node.name.split('[')[0]}"
    confluent.create(PARTITIONS, name)
    return name


def test_makes_three_topics_and_deletes_two(client, confluent):
    names = [f"user-{next(numbers)}.{kind}" for kind in ("pin", "geo", "user")]
    client.create(PARTITIONS, *names)
    eventually(lambda: set(names) <= client.topics(), lambda: f"{names} are not all of {client.topics()}")
    (client if client.administers else confluent).delete(*names[:2])
    eventually(lambda: set(names) & client.topics() == {names[2]}, lambda: f"what is left: {client.topics()}")


def test_every_codec_keeps_keys_headers_timestamps_and_nulls(client, topic):
    sent = []
    for codec, partition in itertools.product(CODECS, range(PARTITIONS)):
        start = len(sent)
        more = [record(start + i, partition, headers=[("codec", codec), ("n", "1"), ("n", "2")]) for i in range(20)]
        more += [record(start + 20, partition, value=None), record(start + 21, partition, key=None),
                 record(start + 22, partition, value="long " * 2000)]
        sent += more
    for codec in CODECS:
        of_codec = [r for i, r in enumerate(sent) if i // 23 // PARTITIONS == CODECS.index(codec)]
        client.produce(topic, of_codec, codec)
    got = content(client.consume(topic, len(sent)))
    expected = content(sent)
    if not client.sets_timestamps:
        now = time.time() * 1000
        assert all(now - 600_000 < each.pop("timestamp") <= now for each in got)
        got, expected = ordered(got), ordered([{**each, "timestamp": 0} for each in expected])
        expected = [{name: value for name, value in each.items() if name != "timestamp"} for each in expected]
    assert got == expected


def ordered(records):
    """kcat sends records with the same headers together."""
    return sorted(records, key=repr)


def test_reads_from_a_time_on(client, confluent, topic):
    start = 1_700_000_000_000
    for partition in range(2):
        confluent.produce(topic, [record(i, partition, start + i * 1000) for i in range(100)], "lz4")
    got = client.consume(topic, 80, since=start + 59_500)
    assert sorted((r["partition"], r["timestamp"]) for r in got) == [
        (partition, start + i * 1000) for partition in range(2) for i in range(60, 100)]


def test_commits_and_resumes(client, topic, confluent):
    confluent.produce(topic, [record(i) for i in range(100)])
    group = f"group-{next(numbers)}"
    first = client.member(group, topic, count=40).wait()
    second = client.member(group, topic, count=60).wait()
    assert [r["offset"] for r in first + second] == list(range(100))


def test_a_group_goes_on_when_one_of_three_members_dies(client, topic, confluent):
    group = f"group-{next(numbers)}"
    members = [client.member(group, topic) for _ in range(3)]
    try:
        shared(members, "the three members do not share the partitions")
        confluent.produce(topic, [record(i, i % PARTITIONS) for i in range(90)])
        everything(members, 90)
        members[1].kill()
        # Each partition still gets records that nobody has read.
        confluent.produce(topic, [record(i, i % PARTITIONS) for i in range(90, 180)])
        survivors = [members[0], members[2]]
        eventually(
            lambda: {v for m in members for v in m.values()} == {f"value {i}" for i in range(180)},
            lambda: "\n".join(m.trouble() for m in survivors), 60)
        shared(survivors, "the two that are left do not share the partitions")
    finally:
        for member in members:
            member.kill()


def shared(members, what):
    def state():
        return sorted(p for m in members for p in m.assigned or []) == list(range(PARTITIONS)) and all(
            m.assigned for m in members)

    eventually(state, lambda: what + "\n" + "\n".join(m.trouble() for m in members), 60)


def everything(members, count):
    eventually(
        lambda: {v for m in members for v in m.values()} == {f"value {i}" for i in range(count)},
        lambda: "\n".join(m.trouble() for m in members), 60)


def test_each_client_reads_what_each_other_has_written(client_programs, server, topic):
    for number, name in enumerate(NAMES):
        client_programs.client(name, server.kafka).produce(
            topic, [record(number, headers=[("from", name)])], CODECS[number])
    for name in NAMES:
        got = client_programs.client(name, server.kafka).consume(topic, len(NAMES))
        assert [(r["key"], r["value"], r["headers"]) for r in got] == [
            (f"key {i}", f"value {i}", [["from", other]]) for i, other in enumerate(NAMES)]
