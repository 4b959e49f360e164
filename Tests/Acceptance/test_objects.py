"""What the sink leaves in the bucket: names, bytes, order, and that none of it changes afterwards."""
import json

import harness

TOPIC = f"{harness.USER}.pin"
PREFIX = f"topics/{TOPIC}/partition=0/{TOPIC}+0+"

# An object closes by its number of records only.
BY_COUNT = {"PINLINE_SINK_FLUSH_SIZE": "4", "PINLINE_SINK_ROTATE_SCHEDULE_INTERVAL_MS": "3600000"}


def pin(number):
    return {
        "index": number, "title": f"Aykut Aydoğdu \"{number}\" \\ / \t 日本 𝄞", "follower_count": "2M",
        "tag_list": "Surealism Art,…\u00a0", "downloaded": 1, "empty": {}, "none": None, "share": 0.5,
        "list": [1, "ü"]}


def compact(row):
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def name(offset):
    return f"{PREFIX}{offset:010d}.json"


def wait_for(server, names):
    harness.eventually(
        lambda: set(harness.objects(server.data)) >= set(names),
        lambda: f"the bucket holds {list(harness.objects(server.data))}, not {names}\n{server.log_tail()}")


def test_an_object_holds_the_compact_rows_in_order(server):
    rows = [pin(number) for number in range(7)]
    for row in rows:
        # json.dumps sends blanks after commas and \u escapes; the object has neither.
        server.post(TOPIC, row)
    server.wait_until_stored({TOPIC: 7})
    assert [key for key in harness.objects(server.data)][0] == name(0)
    assert b"".join(harness.objects(server.data).values()) == b"".join(map(compact, rows))


def test_the_spelling_of_numbers_and_the_order_of_members_stay(server):
    text = '{"records": [{"value": { "z" : 1.0 , "a" : 1E+2, "m": -0, "big": 12345678901234567890, "half": 0.50 }}]}'
    answer = server.session.post(
        f"http://{server.ingest}/topics/{TOPIC}", data=text, headers={"Content-Type": harness.KAFKA_JSON})
    assert answer.status_code == 200, answer.text
    server.wait_until_stored({TOPIC: 1})
    assert harness.objects(server.data) == {
        name(0): b'{"z":1.0,"a":1E+2,"m":-0,"big":12345678901234567890,"half":0.50}\n'}


def test_a_lone_surrogate_stays_an_escape_and_a_pair_becomes_one_character(server):
    text = r'{"records": [{"value": {"lone": "\ud83d!", "pair": "\ud83d\ude00", "slash": "\/", "control": "\u0001"}}]}'
    answer = server.session.post(
        f"http://{server.ingest}/topics/{TOPIC}", data=text, headers={"Content-Type": harness.KAFKA_JSON})
    assert answer.status_code == 200, answer.text
    server.wait_until_stored({TOPIC: 1})
    assert json.loads(harness.objects(server.data)[name(0)]) == {
        "lone": "\ud83d!", "pair": "\U0001f600", "slash": "/", "control": "\x01"}
    assert "\U0001f600".encode() in harness.objects(server.data)[name(0)]


def test_an_object_closes_at_its_number_of_records(serve):
    server = serve(env=BY_COUNT)
    rows = [pin(number) for number in range(10)]
    server.post(TOPIC, *rows)
    wait_for(server, [name(0), name(4)])
    found = harness.objects(server.data)
    assert list(found) == [name(0), name(4)]
    assert found[name(0)] == b"".join(map(compact, rows[:4]))
    assert found[name(4)] == b"".join(map(compact, rows[4:8]))


def test_an_object_closes_by_the_clock_when_a_topic_falls_quiet(serve):
    server = serve(env={"PINLINE_SINK_FLUSH_SIZE": "4"})
    server.post(TOPIC, *[pin(number) for number in range(10)])
    server.wait_until_stored({TOPIC: 10})
    assert {name(0), name(4), name(8)} == set(harness.objects(server.data))


def test_topics_have_objects_of_their_own(server):
    topics = [f"{harness.USER}.{kind}" for kind in ("pin", "geo", "user")]
    for number, topic in enumerate(topics):
        server.post(topic, *[{"ind": number}] * (number + 1))
    server.wait_until_stored({topic: number + 1 for number, topic in enumerate(topics)})
    assert {path.split("/")[1] for path in harness.objects(server.data)} == set(topics)


def test_a_clean_restart_changes_nothing(serve):
    server = serve()
    server.post_all(TOPIC, (pin(number) for number in range(50)), size=7)
    server.wait_until_stored({TOPIC: 50})
    before = harness.objects(server.data)
    assert server.stop() == 0, server.log_tail()
    assert not (server.data / "endpoints.json").exists()
    assert harness.objects(server.data) == before
    server.start()
    assert server.post(TOPIC, pin(50)) == [(0, 50)]
    server.wait_until_stored({TOPIC: 51})
    after = harness.objects(server.data)
    assert {key: after[key] for key in before} == before
    assert harness.records(server.data, TOPIC) == [pin(number) for number in range(51)]


def test_a_clean_stop_before_an_object_is_full_loses_nothing(serve):
    server = serve(env=BY_COUNT)
    server.post(TOPIC, *[pin(number) for number in range(6)])
    wait_for(server, [name(0)])
    assert server.stop() == 0, server.log_tail()
    server.start()
    server.post(TOPIC, *[pin(number) for number in range(6, 12)])
    server.stop()
    server.env = harness.QUICK_SINK
    server.start()
    server.wait_until_stored({TOPIC: 12})
    assert harness.records(server.data, TOPIC) == [pin(number) for number in range(12)]


def test_a_kill_gives_the_same_objects_as_no_kill(serve):
    rows = [pin(number) for number in range(22)]
    wanted = {name(first): b"".join(map(compact, rows[first:first + 4])) for first in range(0, 20, 4)}
    server = serve(env=BY_COUNT)
    for first in range(0, 22, 3):
        server.post(TOPIC, *rows[first:first + 3])
        assert server.kill() != 0
        server.start()
    wait_for(server, wanted)
    assert harness.objects(server.data) == wanted


def test_objects_are_made_again_from_the_log(serve):
    """The log is the source of truth: the bucket and what the sink remembers may be deleted."""
    server = serve(env={"PINLINE_SINK_FLUSH_SIZE": "4"})
    server.post(TOPIC, *[pin(number) for number in range(8)])
    server.wait_until_stored({TOPIC: 8})
    before = harness.objects(server.data)
    assert server.stop() == 0
    for path in (server.data / "bucket").rglob("*.json"):
        path.unlink()
    for path in server.data.glob("state.sqlite*"):
        path.unlink()
    server.start()
    server.wait_until_stored({TOPIC: 8})
    assert harness.objects(server.data) == before


def test_one_request_of_many_records_has_offsets_in_its_order(server):
    offsets = server.post(TOPIC, *[pin(number) for number in range(1000)])
    assert offsets == [(0, number) for number in range(1000)]
    server.wait_until_stored({TOPIC: 1000})
    assert [row["index"] for row in harness.records(server.data, TOPIC)] == list(range(1000))
