"""Kinds of members: those who keep their partitions while others come, and those who may be away for a while."""
import time

import pytest
from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient, NewTopic

DEADLINE, PARTITIONS = 30, 6


@pytest.fixture(scope="module")
def topic(server):
    admin = AdminClient({"bootstrap.servers": server.kafka})
    admin.create_topics([NewTopic("shared-work", PARTITIONS, 1)])["shared-work"].result(DEADLINE)
    return "shared-work"


class Member:
    """A consumer and what it is told of its partitions."""

    def __init__(self, server, group, topic, **settings):
        self.told = []
        self.consumer = Consumer({
            "bootstrap.servers": server.kafka, "group.id": group, "auto.offset.reset": "earliest",
            **{name.replace("_", "."): value for name, value in settings.items()}})
        self.consumer.subscribe(
            [topic], on_assign=lambda _, given: self.told.append(("given", self._numbers(given))),
            on_revoke=lambda _, taken: self.told.append(("taken", self._numbers(taken))))

    @staticmethod
    def _numbers(partitions):
        return {partition.partition for partition in partitions}

    @property
    def partitions(self):
        return self._numbers(self.consumer.assignment())


def until(members, condition, what):
    """Lets the members work until the condition holds."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"{what}: {[(m.partitions, m.told) for m in members]}"
        for member in members:
            member.consumer.poll(0.05)


def settled(members, sizes):
    """Whether all partitions are shared out so."""
    held = [member.partitions for member in members]
    return sorted(map(len, held)) == sorted(sizes) and len(set().union(*held)) == PARTITIONS


def test_a_cooperative_member_keeps_what_does_not_move(server, topic):
    members = [Member(server, "cooperative", topic, partition_assignment_strategy="cooperative-sticky")]
    until(members, lambda: settled(members, [6]), "the first has not got all")
    members.append(Member(server, "cooperative", topic, partition_assignment_strategy="cooperative-sticky"))
    until(members, lambda: settled(members, [3, 3]), "they do not share")
    first = members[0]
    moved = set().union(*(numbers for kind, numbers in first.told if kind == "taken"))
    # The three that it kept were never taken away.
    assert len(moved) == 3 and not moved & first.partitions
    members.pop().consumer.close()
    until(members, lambda: settled(members, [6]), "the rest has not come back")
    first.consumer.close()


@pytest.mark.parametrize("assignor", ["range", "roundrobin"])
def test_eager_members_share_anew(server, topic, assignor):
    members = [Member(server, f"eager-{assignor}", topic, partition_assignment_strategy=assignor) for _ in range(3)]
    until(members, lambda: settled(members, [2, 2, 2]), "they do not share")
    for member in members:
        member.consumer.close()


def test_a_static_member_comes_back_to_its_partitions_and_the_others_do_not_notice(server, topic):
    def member(name):
        return Member(server, "static", topic, group_instance_id=name, session_timeout_ms=20_000)

    members = [member("one"), member("two")]
    until(members, lambda: settled(members, [3, 3]), "they do not share")
    one, two = members
    before, told = one.partitions, list(two.told)
    # A static member does not say that it leaves.
    one.consumer.close()
    again = member("one")
    until([again, two], lambda: again.partitions == before, "it has not got its partitions back")
    assert two.told == told
    # The same name a second time puts the first out.
    other = member("one")
    until([other, two], lambda: other.partitions == before, "the second has not got them")
    fatal = []
    until([two, other], lambda: fatal.append(again.consumer.poll(0.05)) or any(
        message is not None and message.error() and "fenced" in message.error().str().lower() for message in fatal),
        "the first was not put out")
    for each in (other, two, again):
        each.consumer.close()


def test_a_member_that_is_silent_for_its_session_loses_its_partitions(server, topic):
    settings = {"session_timeout_ms": 6000, "heartbeat_interval_ms": 1000, "max_poll_interval_ms": 6000}
    members = [Member(server, "silent", topic, **settings) for _ in range(2)]
    until(members, lambda: settled(members, [3, 3]), "they do not share")
    # It does not poll any more: librdkafka leaves for it after max.poll.interval.ms.
    silent, awake = members
    until([awake], lambda: len(awake.partitions) == PARTITIONS, "the silent one keeps its partitions")
    awake.consumer.close()
    silent.consumer.close()
