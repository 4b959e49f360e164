"""Commands that read tables while a server runs see every row that it acknowledged."""
import json

import deltalake
import pytest
import requests

import harness
import real_rows

# Nothing is committed or stored by the clock while the test runs.
SLOW = {
    "PINLINE_SINK_ROTATE_SCHEDULE_INTERVAL_MS": "3600000", "PINLINE_STREAM_FRESHNESS_MS": "3600000",
    "PINLINE_STREAM_COMMIT_MAX_ROWS": "1000000",
}
ROWS = {
    "u.pin": [{"index": i, "unique_id": f"id{i}", "title": f"t{i}", "description": "d", "poster_name": f"p{i % 7}",
               "follower_count": f"{i}k", "tag_list": "a,b", "is_image_or_video": "image", "image_src": "x",
               "downloaded": 1, "save_location": "Local save in /data/x", "category": ["art", "food"][i % 2]}
              for i in range(60)],
    "u.geo": [{"ind": i, "timestamp": f"20{18 + i % 5}-01-02T03:04:05", "latitude": 1.5, "longitude": 2.5,
               "country": ["Peru", "Chile"][i % 2]} for i in range(60)],
    "u.user": [{"ind": i, "first_name": f"A{i}", "last_name": "B", "age": 20 + i,
                "date_joined": f"20{15 + i % 6}-01-02T03:04:05"} for i in range(60)],
}


def post(server, start, end):
    for topic, rows in ROWS.items():
        server.post(topic, *rows[start:end])


@pytest.fixture
def server(serve):
    return serve(env=SLOW)


def count(server, *flags):
    return harness.query("SELECT count(*) FROM pin", "--data", server.data, *flags)


def test_a_query_sees_what_was_acknowledged_and_not_without_asking(server):
    post(server, 0, 20)
    assert count(server, "--from", "tables") == [[20]]
    post(server, 20, 30)
    assert count(server, "--no-flush") == [[20]]
    assert count(server) == [[30]]
    assert harness.query("SELECT count(*) FROM pin AT (VERSION => 0)", "--data", server.data)[0][0] in (0, 20)


def test_the_prompt_sees_what_was_acknowledged(server):
    import subprocess
    post(server, 0, 20)
    done = subprocess.run(
        [str(harness.binary()), "sql", "--data", str(server.data), "--format", "csv"],
        input="SELECT count(*) AS n FROM pin;", env=harness.environment(), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "n\n20\n"), done.stderr


def test_tables_and_bucket_agree_at_every_moment(server):
    for start in [0, 20, 40]:
        post(server, start, start + 20)
        assert harness.succeed("tables", "agree", "--data", server.data) == "tables and bucket agree on 9 queries\n"
        answer = requests.get(f"http://{server.web}/tables/agree", timeout=60)
        assert answer.status_code == 200 and answer.json()["agrees"] is True, answer.text
        assert len(answer.json()["queries"]) == 9
    assert {name: len(rows) for name, rows in ROWS.items()} == {
        topic: len(harness.records(server.data, topic)) for topic in ROWS}


def test_a_difference_is_told_by_the_server_and_by_the_command(server):
    post(server, 0, 60)
    harness.succeed("tables", "agree", "--data", server.data)
    deltalake.DeltaTable(str(server.data / "tables" / "geo")).delete("ind = 7")
    answer = requests.get(f"http://{server.web}/tables/agree", timeout=60).json()
    assert answer["agrees"] is False
    (geo,) = [d for d in answer["differences"] if d["subject"] == "geo"]
    assert geo["only_in_tables"] == [[59]] and geo["only_in_bucket"] == [[60]]
    done = harness.run("tables", "agree", "--data", server.data, "--format", "json")
    assert done.returncode == 1 and json.loads(done.stdout)["differences"] == answer["differences"]


def test_a_flush_stores_what_the_clock_would_store_in_an_hour(server):
    post(server, 0, 5)
    assert harness.objects(server.data) == {}
    answer = requests.post(f"http://{server.web}/bucket/flush", timeout=60)
    assert (answer.status_code, answer.json()) == (200, {"stored": True})
    assert harness.records(server.data, "u.pin") == ROWS["u.pin"][:5]
    refused = requests.post(f"http://{server.web}/bucket/flush", headers={"Origin": "http://elsewhere"}, timeout=60)
    assert refused.status_code == 403


def test_a_server_that_died_is_not_asked(server):
    post(server, 0, 20)
    assert count(server, "--from", "tables") == [[20]]
    server.kill()
    assert (server.data / "endpoints.json").exists()
    assert count(server) == [[20]]


def test_tables_and_bucket_agree_on_the_real_log_with_its_repeats(serve):
    posts = real_rows.post_log()
    server = serve()
    for name in ["pin", "geo", "user"]:
        server.post_all(f"{harness.USER}.{name}", [post[name] for post in posts])
    assert harness.succeed("tables", "agree", "--data", server.data) == "tables and bucket agree on 9 queries\n"
    assert requests.get(f"http://{server.web}/tables/agree", timeout=60).json()["agrees"] is True
    for name in ["pin", "geo", "users"]:
        ours = harness.query(f"SELECT count(*) FROM {name}", "--data", server.data)
        assert ours == [[deltalake.DeltaTable(str(server.data / "tables" / name)).to_pyarrow_dataset().count_rows()]]
        assert ours == harness.query(f"SELECT count(*) FROM {name}", "--data", server.data, "--from", "bucket")
    for query in range(1, 10):
        answers = [
            sorted(map(str, harness.query(str(query), "--data", server.data, "--from", place)))
            for place in ["tables", "bucket"]]
        assert answers[0] == answers[1] != [], query
    # What compaction leaves is the same bucket, beside a server and its tables.
    harness.succeed("bucket", "compact", "--data", server.data)
    server.post(f"{harness.USER}.pin", {**posts[0]["pin"], "index": 99_999_999})
    assert harness.succeed("tables", "agree", "--data", server.data) == "tables and bucket agree on 9 queries\n"
