"""All known real rows, and one emulator's whole log with its repeats, give the reference answers."""
import pytest

import harness
import real_rows

PIN, GEO, USER = (f"{harness.USER}.{name}" for name in ("pin", "geo", "user"))


class Batch:
    def __init__(self, server, rows):
        for topic, of_topic in rows.items():
            server.post_all(topic, of_topic)
        server.wait_until_stored({topic: len(of_topic) for topic, of_topic in rows.items()})
        self.data = server.data
        answer = harness.batch("--data", self.data)
        self.rows, self.results, self.quality = answer["rows"], answer["results"], answer["quality"]

    def query(self, question):
        return harness.query(question, "--data", self.data)


@pytest.fixture(scope="module")
def every_pin(shared_serve):
    """Every pin with its geolocation and user, dates with a `T` as half of the scripts write them."""
    pins, geolocations, users = real_rows.pins(), real_rows.geolocations(), real_rows.users()
    assert len(pins) == 4245
    return Batch(shared_serve(), {
        PIN: pins,
        GEO: [{**row, "timestamp": row["timestamp"].replace(" ", "T")}
              for row in (geolocations[pin["index"]] for pin in pins)],
        USER: [{**row, "date_joined": row["date_joined"].replace(" ", "T")}
               for row in (users[pin["index"]] for pin in pins)]})


@pytest.fixture(scope="module")
def log(shared_serve):
    """The log of 2,262 posts in its order, repeats included, dates with a blank."""
    posts = real_rows.post_log()
    assert len(posts) == 2262
    return Batch(shared_serve(), {
        PIN: [post["pin"] for post in posts], GEO: [post["geo"] for post in posts],
        USER: [post["user"] for post in posts]})


def ages(*medians):
    return sorted(zip(("18-24", "25-35", "36-50", "50+"), medians))


def years(*values):
    return [[year, value] for year, value in zip((2015, 2016, 2017), values)]


# ---- All pins

def test_every_pin_is_kept_with_its_partners(every_pin):
    assert every_pin.rows == {"pin": 4245, "geo": 4245, "users": 4245}
    assert every_pin.query("SELECT count(DISTINCT country) FROM geo") == [[243]]


def test_ties_are_kept_over_every_pin(every_pin):
    assert len(every_pin.results["1"]) == 424
    assert len({row[0] for row in every_pin.results["1"]}) == 243
    assert len(every_pin.results["3"]) == 244


def test_years_of_every_pin(every_pin):
    # 2017 has posts too, but the question begins with 2018.
    assert [row[0] for row in every_pin.results["2"]] == [2018, 2019, 2020, 2021, 2022]


def test_medians_of_every_pin(every_pin):
    assert sorted(map(tuple, every_pin.results["6"])) == ages(135_000, 22_000, 7_000, 2_000)
    assert every_pin.results["8"] == years(166_000, 19_000, 4_000)


def test_people_of_every_pin(every_pin):
    assert every_pin.results["7"] == years(494, 1365, 681)


def test_sentinels_of_every_pin_are_counted(every_pin):
    table = every_pin.quality["tables"]["pin"]
    assert {column: count for column, count in table["sentinels"].items() if count} == {
        "title": 31, "description": 391, "poster_name": 31, "follower_count": 31, "tag_list": 65, "image_src": 102}
    assert {column: count for column, count in table["blank"].items() if count} == {"title": 1}
    assert not any(table["unreadable"].values())


def test_sentinels_of_every_pin_are_null(every_pin):
    counts = every_pin.query(
        "SELECT count(title), count(description), count(poster_name), count(follower_count), count(tag_list), "
        "count(image_src), count(save_location) FROM pin")
    assert counts == [[4245 - 32, 4245 - 391, 4245 - 31, 4245 - 31, 4245 - 65, 4245 - 102, 4245]]


def test_every_save_location_is_a_path(every_pin):
    assert every_pin.query("SELECT count(*) FROM pin WHERE save_location = '/data/' || category") == [[4245]]


def test_text_like_a_sentinel_stays(every_pin):
    assert every_pin.query(
        "SELECT DISTINCT poster_name FROM pin WHERE poster_name IN ('No Time For Flash Cards', 'No Hurry To Get Home') "
        "ORDER BY 1") == [["No Hurry To Get Home"], ["No Time For Flash Cards"]]


# ---- The log

def test_the_repeats_of_the_log_are_dropped(log):
    assert log.rows == {"pin": 2019, "geo": 2019, "users": 2019}
    for table in log.quality["tables"].values():
        assert (table["rows_read"], table["exact_repeats"]) == (2262, 243)


def test_ties_are_kept_over_the_log(log):
    assert len(log.results["1"]) == 482
    assert len({row[0] for row in log.results["1"]}) == 237


def test_the_most_followed_of_the_log(log):
    assert log.results["4"] == [["Anguilla", 15_000_000]]
    assert ["Anguilla", "We Heart It", 15_000_000] in log.results["3"]


def test_medians_of_the_log(log):
    assert sorted(map(tuple, log.results["6"])) == ages(130_000, 23_000, 7_000, 1_000)
    assert log.results["8"] == years(163_000, 18_000, 3_000)


def test_medians_of_the_log_per_user(log):
    # One emulator posts a busy user's rows many times; counted once each, the young have fewer followers.
    assert sorted(map(tuple, log.query("6-per-user"))) == ages(46_000, 17_500, 6_000, 1_000)
    assert log.query("8-per-user") == years(55_000, 13_000, 3_000)


def test_people_of_the_log(log):
    assert log.results["7"] == years(332, 759, 320)


# ---- The log, posted by two scripts

def test_a_row_that_differs_only_in_how_its_date_is_written_is_one(serve):
    posts = real_rows.post_log()[:300]
    distinct = len({post["pin"]["index"] for post in posts})
    geolocations = [post["geo"] for post in posts]
    users = [post["user"] for post in posts]
    both = Batch(serve(), {
        PIN: [post["pin"] for post in posts] * 2,
        GEO: geolocations + [{**row, "timestamp": row["timestamp"].replace(" ", "T")} for row in geolocations],
        USER: users + [{**row, "date_joined": row["date_joined"].replace(" ", "T") + "+00:00"} for row in users]})
    assert both.rows == {"pin": distinct, "geo": distinct, "users": distinct}
    tables = both.quality["tables"]
    assert tables["pin"]["repeats_after_cleaning"] == 0
    assert tables["geo"]["repeats_after_cleaning"] == tables["users"]["repeats_after_cleaning"] == distinct
    assert tables["geo"]["keys_with_several_rows"] == 0
