"""One user's whole batch, as published: raw rows over HTTP, cleaned tables and nine answers out."""
import json
from collections import defaultdict

import pytest

import harness
import real_rows

PIN, GEO, USER = (f"{harness.USER}.{name}" for name in ("pin", "geo", "user"))


@pytest.fixture(scope="module")
def data(shared_serve):
    """A data folder whose bucket holds the golden rows, one request a row as the course's script posts them."""
    server = shared_serve()
    counts = {}
    for topic, name in ((PIN, "pin"), (GEO, "geo"), (USER, "user")):
        rows = real_rows.ndjson(f"golden/raw_{name}.ndjson")
        counts[topic] = len(rows)
        for row in rows:
            server.post(topic, row)
    server.wait_until_stored(counts)
    assert counts == {PIN: 322, GEO: 322, USER: 322}
    return server.data


@pytest.fixture(scope="module")
def answer(data):
    return harness.batch("--data", data)


@pytest.fixture(scope="module")
def published():
    text = (real_rows.folder() / "golden" / "query_results.json").read_text(encoding="utf-8")
    return {name: [list(row.values()) for row in rows] for name, rows in json.loads(text).items()}


def by_key(rows):
    return {row[0]: row for row in rows}


def same_rows(got, wanted):
    """Both in an order of their own: the published answers have none. 59500 and 59500.0 are one number."""
    assert in_order(got) == in_order(wanted)


def in_order(rows):
    numbers = [[float(value) if isinstance(value, (int, float)) else value for value in row] for row in rows]
    return sorted(numbers, key=json.dumps)


# ---- Tables

def test_316_rows_are_left_in_each_table(answer):
    assert answer["rows"] == {"pin": 316, "geo": 316, "users": 316}


def test_pins_are_as_published(data):
    columns = ["ind", "unique_id", "title", "description", "follower_count", "poster_name", "tag_list",
               "is_image_or_video", "image_src", "save_location", "category"]
    got = harness.query(f"SELECT {', '.join(columns)} FROM pin", "--data", data)
    wanted = real_rows.ndjson("golden/clean_pin.ndjson")
    for row in wanted:
        # That user cut off `Local save in` and left the blank behind it; the path has none.
        row["save_location"] = row["save_location"].removeprefix(" ")
    assert by_key(got) == by_key([[row[c] for c in columns] for row in wanted])


def test_geolocations_are_as_published(data):
    got = harness.query(
        "SELECT ind, country, coordinates[1] AS latitude, coordinates[2] AS longitude, "
        "strftime(timestamp, '%Y-%m-%dT%H:%M:%S.000+0000') AS written FROM geo", "--data", data)
    wanted = real_rows.ndjson("golden/clean_geo.ndjson")
    assert by_key(got) == by_key(
        [[row["ind"], row["country"], *row["coordinates"], row["timestamp"]] for row in wanted])


def test_users_are_as_published(data):
    got = harness.query(
        "SELECT ind, user_name, age, strftime(date_joined, '%Y-%m-%dT%H:%M:%S.000+0000') AS written FROM users",
        "--data", data)
    wanted = real_rows.ndjson("golden/clean_user.ndjson")
    assert by_key(got) == by_key([[row[c] for c in ("ind", "user_name", "age", "date_joined")] for row in wanted])


def test_six_exact_repeats_are_dropped_from_each_table(answer):
    for table in answer["quality"]["tables"].values():
        assert (table["rows_read"], table["exact_repeats"], table["rows"]) == (322, 6, 316)
        assert table["repeats_after_cleaning"] == 0
        assert table["keys_with_several_rows"] == 0
        assert set(table["without_partner"].values()) == {0}
    assert answer["quality"]["set_aside"] == []


# ---- Answers

@pytest.mark.parametrize("number, name", [
    ("1", "q1_top_category_per_country"),
    ("5", "q4_top_category_per_age_group"),
    ("6", "q5_median_followers_per_age_group"),
    ("8", "q7_median_followers_per_join_year"),
    ("9", "q8_median_followers_per_age_group_and_join_year"),
])
def test_answer_is_as_published(answer, published, number, name):
    same_rows(answer["results"][number], published[name])


def test_popular_categories_are_of_2018_to_2022_only(answer, published):
    # The question names these years; the published answer holds only them because of this user's rows.
    wanted = [row for row in published["q2_top_category_per_year"] if 2018 <= row[0] <= 2022]
    same_rows(answer["results"]["2"], wanted)
    assert {row[0] for row in wanted} == {2018, 2019, 2020, 2021, 2022}


def test_most_followed_users_are_the_first_of_each_country(answer, published):
    # The published answer lists every poster of every country; the question asks for the most followed.
    posters = defaultdict(list)
    for row in published["q3a_poster_max_followers_per_country"]:
        if row[2] is not None:
            posters[row[0]].append(row)
    first = [row for rows in posters.values() for row in rows if row[2] == max(r[2] for r in rows)]
    same_rows(answer["results"]["3"], first)


def test_both_countries_that_tie_for_the_most_followed_user_are_named(answer, published):
    # The published answer is cut to one row, Angola; American Samoa has as many followers.
    assert published["q3b_country_with_most_followers"] == [["Angola", 8_000_000]]
    assert answer["results"]["4"] == [["American Samoa", 8_000_000], ["Angola", 8_000_000]]


def test_people_are_counted_by_name_age_and_joining_date(answer, published):
    # The published answer counts names; two pairs of people who joined in 2015 share theirs: 99, not 97.
    assert sorted(published["q6_users_joined_per_year"]) == [[2015, 97], [2016, 120], [2017, 56]]
    assert answer["results"]["7"] == [[2015, 99], [2016, 120], [2017, 56]]


# ---- Ways to ask

def test_a_second_run_gives_the_same_answers(data, answer):
    again = harness.batch("--data", data, "--threads", "1")
    assert again["results"] == answer["results"]
    assert again["quality"] == answer["quality"]


def test_one_query_is_found_by_number_stem_and_name(data, answer):
    for name in ("4", "4-country-with-most-followed-user", "country-with-most-followed-user"):
        assert harness.query(name, "--data", data) == answer["results"]["4"]


def test_a_parameter_changes_the_years(data, answer):
    narrowed = harness.batch("--data", data, "--param", "first_post_year=2021")
    assert narrowed["results"]["2"] == [row for row in answer["results"]["2"] if row[0] >= 2021]


def test_the_times_are_told(answer):
    assert set(answer["seconds"]) == {"read_clean", "queries", "total"}
    assert 0 < answer["seconds"]["total"] < 60


def test_only_the_nine_are_answered_unless_asked(answer):
    assert list(answer["results"]) == [str(number) for number in range(1, 10)]
