"""Odd values and odd shapes, posted as their senders do: what each becomes, or why it is set aside."""
import collections
import json

import pytest

import harness
import real_rows

PIN, GEO, USER = (f"{harness.USER}.{name}" for name in ("pin", "geo", "user"))
MOMENT = "2020-08-28 03:52:47.000000"
MIDNIGHT = "2020-08-28 00:00:00.000000"

FOLLOWERS = {
    "5k": 5_000, "124k": 124_000, "2M": 2_000_000, "0": 0, "972": 972, "1.5M": 1_500_000, "1.5k": 1_500,
    "2b": 2_000_000_000, "2B": 2_000_000_000, "3K": 3_000, "4m": 4_000_000, "3000M": 3_000_000_000, " 88k ": 88_000,
    "007": 7, "9223372036854775807": 9223372036854775807, "9.3b": 9_300_000_000, 5000: 5_000,
    # Above 64 bits, or no number: NULL, and counted.
    "9223372036854775808": None, "99999999999b": None, "1" * 60: None, "-5k": None, "+5": None, "k12": None, "k": None,
    "1.2.3": None, "1,5k": None, "3,456": None, "abc": None, "1e3": None, "1_000": None, ".5k": None, "5kk": None,
    "5k\n": None, "1 5": None, "NaN": None, "\u0665k": None,
    # Said to be missing: NULL, but not unreadable.
    "User Info Error": None, "": None, "   ": None, None: None}

DATES = {
    "2020-08-28 03:52:47": MOMENT, "2020-08-28T03:52:47": MOMENT, "2020-08-28T03:52:47Z": MOMENT,
    "2020-08-28 03:52:47.25": "2020-08-28 03:52:47.250000",
    "2020-08-28T03:52:47.123456789Z": "2020-08-28 03:52:47.123456",
    "2020-08-28T05:52:47+02:00": MOMENT, "2020-08-28T05:52:47+0200": MOMENT, "2020-08-28T05:52:47+02": MOMENT,
    "2020-08-28 05:52:47 +02:00": MOMENT, "2020-08-27T22:22:47-05:30": MOMENT,
    "2020-08-28T03:52:47.000+0000": MOMENT, "2020-12-31T23:30:00-01:00": "2021-01-01 00:30:00.000000",
    "2020-08-28": MIDNIGHT, "2020-08-28T00:00": MIDNIGHT, " 2020-08-28 03:52:47 ": MOMENT,
    # What other scripts send, and what is no date: NULL, and counted.
    "2020:08:28 03:52:47": None, "08/28/2020, 03:52:47": None, "2020": None, "2020-02-30 03:52:47": None,
    "2020-13-01": None, "2020-08-28 24:00:00": None, "2020/08/28 03:52:47": None, "1598586767": None, "yesterday": None,
    "2020-08-28 03:52:47+99:00": None, "-020-08-28 03:52:47": None,
    # Missing: NULL, but not unreadable.
    "": None, None: None}

TEXTS = {
    ("title", "No Title Data Available"): None, ("title", "   "): None, ("title", "Untitled"): "Untitled",
    ("title", "No Title Data Available yet"): "No Title Data Available yet", ("title", " padded "): " padded ",
    ("title", 1984): "1984", ("title", None): None, ("title", "a\nb"): "a\nb",
    ("description", "No description available"): None, ("description", "No description available Story format"): None,
    ("description", "No description available for this"): "No description available for this",
    ("poster_name", "User Info Error"): None, ("poster_name", "No Time For Flash Cards"): "No Time For Flash Cards",
    ("poster_name", "No Hurry To Get Home"): "No Hurry To Get Home",
    ("poster_name", "Error 404, User Info Errors"): "Error 404, User Info Errors",
    ("tag_list", "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e"): None, ("image_src", "Image src error."): None,
    ("image_src", "Image src error"): "Image src error",
    ("save_location", "Local save in /data/art"): "/data/art", ("save_location", "/data/art"): "/data/art",
    ("save_location", "Not Local save in /data/art"): "Not Local save in /data/art"}


def pin(index, **columns):
    return {"index": index, "unique_id": f"id {index}", "title": "A title", "category": "art", **columns}


def geo(ind, **columns):
    return {"ind": ind, "country": "Albania", "latitude": 1.5, "longitude": -2.5, "timestamp": "2020-08-28 03:52:47",
            **columns}


def user(ind, **columns):
    return {"ind": ind, "first_name": "Ann", "last_name": "Lee", "age": 30, "date_joined": "2016-01-02 03:04:05",
            **columns}


# ---- Shapes: what is posted to which topic, and the table and key it must be found under

def in_text(value):
    return json.dumps(value)


SHAPES = {
    "a row": (PIN, pin(5000), "pin", 5000),
    "in a value": (PIN, {"value": pin(5001)}, "pin", 5001),
    "in records": (PIN, {"records": [{"value": pin(5002)}]}, "pin", 5002),
    "a list of a value": (GEO, [{"value": geo(5003)}], "geo", 5003),
    "JSON in a string": (PIN, in_text(pin(5004)), "pin", 5004),
    "records in a string": (USER, in_text({"records": [{"value": user(5005)}]}), "users", 5005),
    "a string in a value": (GEO, {"value": in_text(geo(5006))}, "geo", 5006),
    "pin keyed ind": (PIN, {"ind": 5007, **{k: v for k, v in pin(0).items() if k != "index"}}, "pin", 5007),
    "geo keyed index": (GEO, {"index": 5008, **{k: v for k, v in geo(0).items() if k != "ind"}}, "geo", 5008),
    "user keyed index": (USER, {"index": 5009, **{k: v for k, v in user(0).items() if k != "ind"}}, "users", 5009),
    "geo at pin": (PIN, geo(5010), "geo", 5010),
    "user at geo": (GEO, user(5011), "users", 5011),
    "pin at user": (USER, pin(5012, poster_name="x", follower_count="1"), "pin", 5012),
    "key as text": (PIN, pin("5013"), "pin", 5013),
    "numbers as text": (USER, user("5014", age="30"), "users", 5014),
    "a column more": (GEO, geo(5015, note="extra"), "geo", 5015),
}

SET_ASIDE = {
    "a number": (PIN, 5), "a text": (PIN, "hello"), "an empty text": (GEO, ""), "true": (USER, True),
    "no column": (PIN, {}), "other columns": (GEO, {"foo": 1, "bar": 2}), "numbers": (PIN, [1, 2, 3]),
    "a text in a value": (USER, {"value": "hello"})}


@pytest.fixture(scope="module")
def cleaned(shared_serve):
    """Every odd value and shape in one bucket: a row of its own key each."""
    server = shared_serve()
    posts = collections.defaultdict(list)
    posts[PIN] += [pin(1000 + i, follower_count=value) for i, value in enumerate(FOLLOWERS)]
    posts[PIN] += [pin(2000 + i, **{column: value}) for i, (column, value) in enumerate(TEXTS)]
    posts[GEO] += [geo(3000 + i, timestamp=value) for i, value in enumerate(DATES)]
    posts[USER] += [user(3000 + i, date_joined=value) for i, value in enumerate(DATES)]
    for topic, value, _, _ in SHAPES.values():
        posts[topic].append(value)
    for topic, value in SET_ASIDE.values():
        posts[topic].append(value)
    for topic, values in posts.items():
        server.post_all(topic, values)
    server.wait_until_stored({topic: len(values) for topic, values in posts.items()})
    answer = harness.batch("--data", server.data)
    tables = {
        "pin": harness.query(
            "SELECT ind, follower_count, title, description, poster_name, tag_list, image_src, save_location FROM pin",
            "--data", server.data),
        "geo": harness.query(
            "SELECT ind, strftime(timestamp, '%Y-%m-%d %H:%M:%S.%f') AS written, country, coordinates FROM geo",
            "--data", server.data),
        "users": harness.query(
            "SELECT ind, strftime(date_joined, '%Y-%m-%d %H:%M:%S.%f') AS written, user_name, age FROM users",
            "--data", server.data)}
    found = {}
    for name, rows in tables.items():
        found[name] = {row[0]: row for row in rows}
        assert len(found[name]) == len(rows), "a key was found twice"
    return found, answer


def labelled(table):
    return [pytest.param(i, wanted, id=repr(value)) for i, (value, wanted) in enumerate(table.items())]


@pytest.mark.parametrize("number, wanted", labelled(FOLLOWERS))
def test_follower_count(cleaned, number, wanted):
    assert cleaned[0]["pin"][1000 + number][1] == wanted


@pytest.mark.parametrize("number, wanted", labelled(DATES))
def test_date(cleaned, number, wanted):
    assert cleaned[0]["geo"][3000 + number][1] == wanted
    assert cleaned[0]["users"][3000 + number][1] == wanted


@pytest.mark.parametrize("number, wanted", labelled(TEXTS))
def test_text(cleaned, number, wanted):
    column = list(TEXTS)[number][0]
    at = ["title", "description", "poster_name", "tag_list", "image_src", "save_location"].index(column)
    assert cleaned[0]["pin"][2000 + number][2 + at] == wanted


@pytest.mark.parametrize("shape", SHAPES)
def test_shape(cleaned, shape):
    _, _, table, key = SHAPES[shape]
    row = cleaned[0][table].get(key)
    assert row, f"no row {key} in {table}"
    if table == "geo":
        assert row[1:] == [MOMENT, "Albania", [1.5, -2.5]]
    elif table == "users":
        assert row[1:] == ["2016-01-02 03:04:05.000000", "Ann Lee", 30]
    else:
        assert row[2] == "A title"


def test_every_row_is_in_its_table_once(cleaned):
    found, answer = cleaned
    in_shapes = collections.Counter(table for _, _, table, _ in SHAPES.values())
    assert answer["rows"] == {name: len(rows) for name, rows in found.items()} == {
        "pin": len(FOLLOWERS) + len(TEXTS) + in_shapes["pin"], "geo": len(DATES) + in_shapes["geo"],
        "users": len(DATES) + in_shapes["users"]}


def test_what_no_table_takes_is_set_aside_with_reason_and_place(cleaned):
    quality = cleaned[1]["quality"]
    assert sum(entry["count"] for entry in quality["set_aside"]) == len(SET_ASIDE)
    for entry in quality["set_aside"]:
        assert entry["reason"].strip()
        assert harness.USER in entry["first"] and entry["first"].rsplit(":", 1)[1].isdigit(), entry


def test_what_cannot_be_read_is_counted(cleaned):
    tables = cleaned[1]["quality"]["tables"]
    missing = (None, "", "   ", "User Info Error")
    counts = [value for value, wanted in FOLLOWERS.items() if wanted is None and value not in missing]
    dates = [value for value, wanted in DATES.items() if wanted is None and value not in missing]
    assert tables["pin"]["unreadable"]["follower_count"] == len(counts)
    assert tables["geo"]["unreadable"]["timestamp"] == len(dates)
    assert tables["users"]["unreadable"]["date_joined"] == len(dates)


def test_what_is_said_to_be_missing_is_counted_apart(cleaned):
    pins = cleaned[1]["quality"]["tables"]["pin"]
    assert pins["sentinels"]["follower_count"] == 1 and pins["blank"]["follower_count"] == 2
    assert pins["sentinels"]["title"] == 1 and pins["blank"]["title"] == 1
    assert pins["sentinels"]["description"] == 2
    assert cleaned[1]["quality"]["tables"]["geo"]["blank"]["timestamp"] == 1


def test_a_date_that_is_an_object_is_unreadable(serve):
    server = serve()
    server.post(GEO, geo(1, timestamp={"$date": "2020-08-28T03:52:47Z"}), geo(2, latitude="12.5", longitude="east"))
    server.wait_until_stored({GEO: 2})
    assert harness.query("SELECT ind, timestamp IS NULL AS gone FROM geo ORDER BY ind", "--data", server.data) == [
        [1, True], [2, False]]
    assert harness.query("SELECT coordinates FROM geo WHERE ind = 2", "--data", server.data) == [[[12.5, None]]]
    unreadable = harness.batch("--data", server.data)["quality"]["tables"]["geo"]["unreadable"]
    assert unreadable["timestamp"] == 1 and unreadable["longitude"] == 1


def test_two_rows_of_one_key_are_both_kept_and_counted(serve):
    server = serve()
    server.post(PIN, pin(1), pin(1, title="Another"), pin(2))
    server.post(GEO, geo(1), geo(3))
    server.wait_until_stored({PIN: 3, GEO: 2})
    answer = harness.batch("--data", server.data)
    assert answer["rows"] == {"pin": 3, "geo": 2, "users": 0}
    tables = answer["quality"]["tables"]
    assert tables["pin"]["keys_with_several_rows"] == 1
    assert tables["pin"]["without_partner"] == {"geo": 1, "users": 3}
    assert tables["geo"]["without_partner"]["pin"] == 1


def test_real_records_that_were_encoded_twice(serve):
    """66 objects whose one line is a JSON string that holds JSON: rows, or requests with rows."""
    wire = real_rows.ndjson("wire/kafka_double_encoded_pin.ndjson")
    server = serve()
    server.post_all(PIN, [json.loads(record["raw_line"]) for record in wire])
    server.wait_until_stored({PIN: len(wire)})
    inner = [json.loads(json.loads(record["raw_line"])) for record in wire]
    rows = [row for value in inner for row in
            ([record["value"] for record in value["records"]] if "records" in value else [value])]
    answer = harness.batch("--data", server.data)
    assert answer["quality"]["set_aside"] == []
    assert answer["quality"]["tables"]["pin"]["rows_read"] == len(rows)
    keys = harness.query("SELECT DISTINCT ind FROM pin ORDER BY ind", "--data", server.data)
    assert keys == [[key] for key in sorted({row["index"] for row in rows})]
    assert answer["rows"]["pin"] == len({json.dumps(row, sort_keys=True) for row in rows})
