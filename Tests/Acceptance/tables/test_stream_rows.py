"""Tables that follow the log: the batch job's rows, whichever way they came, once each."""
import json
import shutil

import pytest
import requests

import harness
import real_rows
from stream_tables import QUICK_TABLES, TABLES, batch_rows, flush, metric, rows, table

USER = harness.USER
TOPICS = {"pin": f"{USER}.pin", "geo": f"{USER}.geo", "user": f"{USER}.user"}


def post_to_topics(server, posts):
    for kind, topic in TOPICS.items():
        server.post_all(topic, [post[kind] for post in posts])


def put_to_streams(server, posts):
    for kind in TOPICS:
        stream = f"streaming-{USER}-{kind}"
        for post in posts:
            body = json.dumps({"StreamName": stream, "Data": post[kind], "PartitionKey": "partition-1"})
            answer = server.session.put(
                f"http://{server.ingest}/test/streams/{stream}/record", data=body,
                headers={"Content-Type": "application/json"}, timeout=30)
            assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The batch job's rows of the real log."""
    posts = real_rows.post_log()
    bucket = harness.write_bucket(
        tmp_path_factory.mktemp("bucket"), {topic: [post[kind] for post in posts] for kind, topic in TOPICS.items()})
    found = {name: batch_rows(name, "--bucket", bucket) for name in TABLES}
    assert [len(found[name]) for name in TABLES] == [2019, 2019, 2019]
    return found


@pytest.mark.parametrize("way", ["kafka", "kinesis", "both"])
def test_the_real_log_gives_the_batch_jobs_rows(serve, expected, way):
    server = serve()
    posts = real_rows.post_log()
    if way != "kinesis":
        post_to_topics(server, posts)
    if way != "kafka":
        put_to_streams(server, posts)
    flush(server)
    for name in TABLES:
        assert rows(server.data, name) == expected[name]
    sent = len(posts) * (2 if way == "both" else 1)
    assert metric(server, "pinline_stream_repeats_total", table="pin") == sent - 2019
    assert metric(server, "pinline_stream_lag_records_sum") == 0
    assert metric(server, "pinline_stream_observer_failures_total") == 0


def test_odd_values_and_shapes_are_the_batch_jobs(serve):
    """Wrappers, rows of other tables, blanks, sentinels, containers as text and dates of all kinds."""
    server = serve()
    row = {"index": 1, "unique_id": "u", "title": "t", "description": {"a": [1, 2]}, "poster_name": " ",
           "follower_count": "1.5k", "tag_list": "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e", "is_image_or_video": "image",
           "image_src": "x", "downloaded": 1, "save_location": "Local save in /data/é\U0001f600", "category": "art"}
    geo = {"ind": 1, "timestamp": "2020-08-28T03:52:47", "latitude": -89.0, "longitude": 0.5, "country": "Peru"}
    bodies = [
        row, {"value": {**row, "index": 2}}, json.dumps({**row, "index": 3}), {"records": [{"value": {**row, "index": 4}}]},
        [{**row, "index": 5}, geo], {**row, "index": 6, "title": ""}, {**row, "index": "7"}, {**row, "index": 1},
        {**geo, "ind": 2, "timestamp": "2020-08-28 03:52:47+02:00"}, {"index": 8, "timestamp": "2021-01-01", "country": "Chad"},
        {**geo, "ind": 1, "timestamp": "2020-08-28 03:52:47"}, {"ind": 9, "first_name": "A", "last_name": "B", "age": "20"},
    ]
    server.post_all(TOPICS["pin"], bodies, size=3)
    # As sent, with blanks and line feeds between.
    answer = server.session.post(
        f"http://{server.ingest}/topics/{TOPICS['pin']}", headers={"Content-Type": harness.KAFKA_JSON},
        data=json.dumps({"records": [{"value": {**row, "index": 10}}]}, indent=2))
    assert answer.status_code == 200
    flush(server)
    server.wait_until_stored({TOPICS["pin"]: len(bodies) + 1})
    for name, count in {"pin": 8, "geo": 3, "users": 1}.items():
        found = rows(server.data, name)
        assert found == batch_rows(name, "--data", server.data)
        assert len(found) == count


def test_a_restart_goes_on_where_it_was(serve):
    server = serve(env=QUICK_TABLES)
    posts = real_rows.post_log()
    post_to_topics(server, posts[:500])
    flush(server)
    post_to_topics(server, posts[500:600])
    assert server.stop() == 0
    stopped = {name: table(server.data, name).version() for name in TABLES}
    server.start()
    assert flush(server) == stopped
    # Nothing was read again, so that the engine was not even loaded.
    assert metric(server, "pinline_stream_batches_total") == 0
    post_to_topics(server, posts)
    flush(server)
    server.wait_until_stored({topic: len(posts) + 600 for topic in TOPICS.values()})
    for name in TABLES:
        assert rows(server.data, name) == batch_rows(name, "--data", server.data)


@pytest.mark.parametrize("lost", ["positions", "hashes", "all", "torn hashes"])
def test_lost_files_are_made_anew(serve, lost):
    server = serve(env=QUICK_TABLES)
    posts = real_rows.post_log()
    post_to_topics(server, posts[:300])
    flush(server)
    server.kill()
    folder = server.data / "stream"
    if lost == "positions":
        (folder / "positions").unlink()
    elif lost == "hashes":
        for path in folder.glob("*.seen"):
            path.unlink()
    elif lost == "torn hashes":
        for path in folder.glob("*.seen"):
            path.write_bytes(path.read_bytes()[:-5])
    else:
        shutil.rmtree(folder)
    server.start()
    post_to_topics(server, posts[:310])
    flush(server)
    server.wait_until_stored({topic: 610 for topic in TOPICS.values()})
    for name in TABLES:
        assert rows(server.data, name) == batch_rows(name, "--data", server.data)


def test_tables_that_were_deleted_are_made_of_the_log_again(serve):
    server = serve(env=QUICK_TABLES)
    posts = real_rows.post_log()[:200]
    post_to_topics(server, posts)
    flush(server)
    before = {name: rows(server.data, name) for name in TABLES}
    server.stop()
    shutil.rmtree(server.data / "tables")
    server.start()
    post_to_topics(server, posts[:1])
    flush(server)
    assert {name: rows(server.data, name) for name in TABLES} == before


def test_a_topic_made_anew_is_read_from_its_beginning(serve):
    from confluent_kafka.admin import AdminClient

    server = serve(env=QUICK_TABLES)
    posts = real_rows.post_log()
    server.post_all(TOPICS["pin"], [post["pin"] for post in posts[:50]])
    flush(server)
    admin = AdminClient({"bootstrap.servers": server.kafka})
    admin.delete_topics([TOPICS["pin"]])[TOPICS["pin"]].result(20)
    harness.eventually(
        lambda: TOPICS["pin"] not in admin.list_topics(timeout=10).topics, "the topic is still there")
    server.post_all(TOPICS["pin"], [post["pin"] for post in posts[40:80]])
    flush(server)
    distinct = {json.dumps(post["pin"], sort_keys=True) for post in posts[:80]}
    assert len(rows(server.data, "pin")) == len(distinct)


def test_the_flush_tells_what_is_wrong(serve):
    server = serve(env={"PINLINE_STREAM_ENABLED": "false"})
    server.post(TOPICS["pin"], {"index": 1, "unique_id": "u"})
    answer = requests.post(f"http://{server.web}/tables/flush", timeout=30)
    assert answer.status_code == 503 and "stream.enabled" in answer.json()["error"]
    assert requests.post(f"http://{server.web}/tables/flush?timeout=x", timeout=30).status_code == 400
    assert not (server.data / "tables").exists()


def test_without_duckdb_the_server_runs(serve, tmp_path):
    server = serve(env={"PINLINE_LIBDUCKDB": str(tmp_path / "none.so")})
    server.post(TOPICS["pin"], {"index": 1, "unique_id": "u"})
    assert "tables are not kept up to date" in server.log_tail()
    answer = requests.post(f"http://{server.web}/tables/flush", timeout=30)
    assert answer.status_code == 503 and "DuckDB" in answer.json()["error"]
    assert requests.get(f"http://{server.web}/readyz", timeout=10).status_code == 200
    assert metric(server, "pinline_stream_running") == 0
    assert server.stop() == 0


def test_nothing_is_loaded_for_topics_of_others(serve):
    server = serve()
    server.post("something.else", {"a": 1})
    flush(server)
    maps = open(f"/proc/{server.process.pid}/maps").read() if server.process else ""
    assert "libduckdb" not in maps
    assert not (server.data / "tables").exists()
