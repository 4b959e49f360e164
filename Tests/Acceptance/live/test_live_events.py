"""Server-sent events and `pinline live --watch`: news at once, silence told, a clean end."""
import json
import signal
import subprocess

import requests

import harness
import live_client as live

TOPIC = "12f4a3e5b9c5"


def test_an_event_comes_at_once_and_whenever_the_answer_changes(server):
    events = live.Events(server, "live/popular", {"Accept": "text/event-stream"}, window="1h")
    assert events.response.headers["Content-Type"] == "text/event-stream"
    assert events.next()["rows"] == []
    for count in range(1, 4):
        server.post(f"{TOPIC}.pin", live.pin(count, "ann", "art"))
        assert [row["posts"] for row in events.next()["rows"]] == [count]
    events.close()


def test_silence_is_told_and_streams_are_limited_and_end_with_the_server(serve):
    server = serve(env={"PINLINE_LIVE_EVENTS_HEARTBEAT_MS": "200", "PINLINE_LIVE_EVENTS_MAX_STREAMS": "1"})
    events = live.Events(server, "live/rates/events")
    assert events.next()["metric"] == "rates"
    refused = requests.get(f"http://{server.web}/live/popular/events", timeout=10)
    assert refused.status_code == 503 and "live.events.max.streams" in refused.json()["message"]
    assert events.next_comment() == ": nothing new"
    assert server.stop() == 0
    assert events.next() is None
    again = server.start()
    other = live.Events(again, "live/rates/events")
    assert other.next()
    other.close()
    harness.eventually(
        lambda: requests.get(f"http://{again.web}/live/rates/events", stream=True, timeout=10).status_code == 200,
        "a stream whose client is gone still counts")


def test_the_command_shows_lists_and_watches_until_ctrl_c(server):
    server.post(f"{TOPIC}.pin", live.pin(1, "ann", "art"), live.pin(2, "bob", "art"), live.pin(3, "ann", "quotes"))
    live.wait_for_records(server, 3)
    where = ["--data", str(server.data)]
    assert "popular" in harness.succeed("live", *where)
    table = harness.succeed("live", "popular", *where)
    assert table.splitlines()[0].split() == ["poster_name", "posts", "followers", "followers_growth"]
    asked = ["--by", "category", "--where", "category=art", "--format", "json", "--window", "1h"]
    shown = json.loads(harness.succeed("live", "popular", *asked, *where))
    assert [(row["category"], row["poster_name"]) for row in shown] == [("art", "ann"), ("art", "bob")]
    assert harness.succeed("live", "trending", "--format", "csv", *where).splitlines()[0].startswith("category,posts")
    wrong = harness.run("live", "hot", *where)
    assert wrong.returncode == 1 and "popular" in wrong.stderr

    watch = subprocess.Popen(
        [str(harness.binary()), "live", "popular", "--watch", "--format", "csv", *where],
        env=harness.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert watch.stdout.readline().startswith("poster_name")
        assert watch.stdout.readline().startswith("ann,2")
        server.post(f"{TOPIC}.pin", live.pin(4, "ann", "art"))
        while not (line := watch.stdout.readline()).startswith("ann,3"):
            assert line
        watch.send_signal(signal.SIGINT)
        assert watch.wait(10) == 0
        assert watch.stderr.read() == ""
    finally:
        watch.kill()
