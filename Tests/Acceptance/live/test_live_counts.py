"""Every metric is what counting the posted rows by hand gives."""
import collections

import pytest
import requests

import live_client as live
import real_rows

TOPIC = "12f4a3e5b9c5"


def post(server, pins=(), places=(), users=()):
    for name, some in (("pin", pins), ("geo", places), ("user", users)):
        if some:
            server.post_all(f"{TOPIC}.{name}", some)


def test_rows_of_hand_are_counted_by_profile_category_and_country(server):
    pins = [live.pin(1, "ann", "art", "1k"), live.pin(2, "bob", "art"), live.pin(3, "ann", "quotes", "2k"),
            live.pin(4, "Zoë, of course", "art", "User Info Error"), live.pin(5, "User Info Error", "art")]
    places = [live.geo(1, "Chad"), live.geo(2, "Peru"), live.geo(4, "Cote d'Ivoire"), live.geo(5, "Chad")]
    post(server, pins, places, [live.user(1)])
    live.wait_for_records(server, 10)
    assert live.rows(server, "popular", "poster_name", "posts", "followers") == [
        ("ann", 2, 2000), ("Zoë, of course", 1, None), ("bob", 1, 10)]
    assert live.rows(server, "popular", "category", "poster_name", "posts", by="category", category="art") == [
        ("art", "Zoë, of course", 1), ("art", "ann", 1), ("art", "bob", 1)]
    assert live.rows(server, "countries", "country", "posts", "profiles") == [
        ("Chad", 2, 1), ("Cote d'Ivoire", 1, 1), ("Peru", 1, 1)]
    assert live.rows(server, "countries", "posts", country="Cote d'Ivoire") == [(1,)]
    assert sorted(live.rows(server, "trending", "category", "posts")) == [("art", 4), ("quotes", 1)]
    assert live.rows(server, "rates", "table", "records") == [("pin", 5), ("geo", 4), ("users", 1)]
    lateness = live.rows(server, "rates", "lateness_p50_ms", table="geo")
    assert lateness[0][0] > 3 * 365 * 86_400_000, "a place of 2020 came years later"


def test_a_repeated_row_counts_once_and_partners_may_come_in_any_order(server):
    post(server, places=[live.geo(7, "Peru")])
    live.wait_for_records(server, 1)
    post(server, pins=[live.pin(7, "ann", "art"), live.pin(8, "bob", "art")])
    live.wait_for_records(server, 3)
    assert live.rows(server, "countries", "country", "posts") == [("Peru", 1)]
    post(server, pins=[live.pin(7, "ann", "art")] * 3, places=[live.geo(8, "Chad"), live.geo(7, "Peru")])
    live.wait_for_records(server, 4)
    assert live.rows(server, "countries", "country", "posts") == [("Chad", 1), ("Peru", 1)]
    assert live.rows(server, "popular", "country", "poster_name", by="country") == [("Chad", "bob"), ("Peru", "ann")]


def test_growth_is_told_between_posts(server):
    post(server, [live.pin(1, "ann", "art", "1k")])
    live.wait_for_records(server, 1)
    post(server, [live.pin(2, "ann", "art", "3k")])
    live.wait_for_records(server, 2)
    assert live.rows(server, "popular", "followers", "followers_growth") == [(3000, 2000)]


def test_the_real_log_posted_by_kafka_rest_and_kinesis_counts_as_by_hand(server):
    posts = real_rows.ndjson("post_log.ndjson")
    keys = sorted({key for post in posts for key in post} & {"pin", "geo", "user"})
    assert keys == ["geo", "pin", "user"], f"the log has other names: {list(posts[0])}"
    pins, places, users = ([post[name] for post in posts] for name in ("pin", "geo", "user"))
    half = len(pins) // 2
    server.post_all(f"{TOPIC}.pin", pins[:half])
    for row in pins[half:]:
        answer = server.session.put(
            f"http://{server.ingest}/prod/streams/streaming-{TOPIC}-pin/record",
            json={"StreamName": f"streaming-{TOPIC}-pin", "Data": row, "PartitionKey": "p"}, timeout=30)
        assert answer.status_code == 200, answer.text
    server.post_all(f"{TOPIC}.user", users)
    server.post_all(f"{TOPIC}.geo", places)

    def distinct(some):
        return list({tuple(sorted((k, str(v)) for k, v in row.items())): row for row in some}.values())

    pins, places, users = distinct(pins), distinct(places), distinct(users)
    live.wait_for_records(server, len(pins) + len(places) + len(users), 60)
    known = [pin for pin in pins if pin["poster_name"] != "User Info Error"]
    by_poster = collections.Counter((pin["poster_name"],) for pin in known)
    assert live.rows(server, "popular", "poster_name", "posts") == [
        (name, count) for (name,), count in live.ranked(by_poster)][:1000]
    by_category = collections.Counter((pin["category"],) for pin in pins)
    assert sorted(live.rows(server, "trending", "category", "posts")) == sorted(
        (name, count) for (name,), count in by_category.items())
    assert live.rows(server, "countries", "country", "posts") == [
        (name, count) for (name,), count in live.ranked(live.count_posts(pins, places, "country"))]
    both = live.ranked(live.count_posts(pins, places, "category", "country"))
    assert live.rows(server, "countries", "category", "country", "posts", by="category") == [
        (*names, count) for names, count in both][:1000]


def test_recommendations_say_why_and_what_was_left_out(server):
    post(server, [live.pin(1, "ann", "art", "1k"), live.pin(2, "bob", "art"), live.pin(3, "bob", "art"),
                  live.pin(4, "eve", "quotes")],
         [live.geo(1, "Chad"), live.geo(2, "Peru"), live.geo(3, "Peru"), live.geo(4, "Chad")])
    live.wait_for_records(server, 8)
    answer = live.ask(server, "recommend", category="art", country="Chad", limit=3)
    assert [row["poster_name"] for row in answer["rows"]] == ["ann", "bob", "eve"]
    first = answer["rows"][0]
    assert first["scope"] == {"category": "art", "country": "Chad"} and first["score"] > 0
    assert first["why"][0] == "1 posts with category art, country Chad in the last 1h"
    assert "1000 followers" in first["why"]
    assert answer["rows"][1]["scope"] == {"category": "art"} and answer["rows"][2]["scope"] == {}
    assert "country left out" in answer["widened"][0] and "category left out" in answer["widened"][1]
    assert live.ask(server, "recommend", category="none", country="none")["rows"][0]["scope"] == {}


@pytest.fixture(scope="module")
def idle(shared_serve):
    return shared_serve()


@pytest.mark.parametrize("path, parameters, status, known", [
    ("live/hot", {}, 404, "popular"), ("live/popular", {"window": "7m"}, 400, "5m"),
    ("live/popular", {"by": "colour"}, 400, "country"), ("live/popular", {"limit": "x"}, 400, None),
    ("live/popular", {"colour": "red"}, 400, "category"), ("live/trending", {"window": "1d"}, 400, "1h"),
    ("recommend", {"age": "3"}, 400, "category"), ("live/hot/events", {}, 404, "rates")])
def test_a_wrong_question_is_told_what_there_is(idle, path, parameters, status, known):
    answer = requests.get(f"http://{idle.web}/{path}", params=parameters, timeout=30)
    assert answer.status_code == status and answer.json()["error_code"] == status
    assert answer.json()["message"]
    assert known is None or known in answer.json()["known"]
