"""What the scripts post to topics, each in its own way, by requests as they do; found in the tables."""
import concurrent.futures
import datetime
import json

import pytest
import requests
import requests.adapters
import urllib3

import harness
import real_rows

KINDS = ("pin", "geo", "user")
POSTS = 3
MOMENT = "%Y-%m-%d %H:%M:%S"


class Sender:
    """Posts rows of its own the way one script does."""

    def __init__(self, server, number, posts):
        self.server, self.number, self.posts = server, number, posts
        self.user = f"{number:02d}{harness.USER[2:]}"
        self.session = requests

    def url(self, kind, stage="test"):
        return f"http://{self.server.ingest}/{stage}/topics/{self.user}.{kind}"

    def post(self, kind, row, stage="test", headers=None, **record):
        body = json.dumps({"records": [{"value": row, **record}]}, default=str)
        answer = self.session.post(
            self.url(kind, stage), data=body, timeout=30,
            headers={"Content-Type": harness.KAFKA_JSON, **(headers or {})})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["offsets"][0]["error_code"] is None and told["key_schema_id"] is None
        return answer

    def all(self, change=lambda kind, row: row, order=KINDS, **options):
        for post in self.posts:
            for kind in order:
                self.post(kind, change(kind, dict(post[kind])), **options)


def moments(write):
    """A change of rows: the moment of each as `write` makes it of a datetime."""
    def change(kind, row):
        for column in ("timestamp", "date_joined"):
            if column in row:
                row[column] = write(datetime.datetime.strptime(row[column], MOMENT))
        return row
    return change


# ---- Each as its script sends it; its name is that in docs/compatibility.md

def moments_with_a_t(sender):
    sender.all(moments(datetime.datetime.isoformat), stage="Init")


def moments_by_default_str(sender):
    sender.all(moments(lambda moment: moment))


def accept_of_the_proxy(sender):
    sender.all(headers={"Accept": "application/vnd.kafka.v2+json"})


def accept_with_weights_and_another_order(sender):
    sender.all(order=("user", "pin", "geo"), headers={
        "Accept": "application/vnd.kafka.v2+json; q=0.9, application/json; q=0.5",
        "Access-Control-Allow-Origin": "*"})


def json_argument_and_a_null_key(sender):
    for post in sender.posts:
        for kind in KINDS:
            answer = requests.post(
                sender.url(kind), json={"records": [{"key": None, "value": post[kind]}]}, timeout=30,
                headers={"Content-Type": harness.KAFKA_JSON})
            assert answer.status_code == 200


def thread_pools_and_moments_with_colons(sender):
    change = moments(lambda moment: moment.strftime("%Y:%m:%d %H:%M:%S"))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        done = [pool.submit(sender.post, kind, change(kind, dict(post[kind])))
                for post in sender.posts for kind in KINDS]
    assert all(answer.result().status_code == 200 for answer in done)


def moments_as_in_america(sender):
    sender.all(moments(lambda moment: moment.strftime("%m/%d/%Y, %H:%M:%S")))


def moments_as_objects(sender):
    sender.all(moments(lambda moment: {"$date": moment.isoformat() + "Z"}))


def dates_only(sender):
    sender.all(moments(lambda moment: moment.strftime("%Y-%m-%d")))


def a_session_with_retries(sender):
    retries = urllib3.util.Retry(total=3, backoff_factor=0.1, status_forcelist=[500, 502, 503, 504])
    with requests.Session() as session:
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retries))
        sender.session = session
        sender.all()


def rows_keyed_index(sender):
    sender.all(lambda kind, row: {("index" if name == "ind" else name): value for name, value in row.items()})


def any_stage_and_slashes(sender):
    for stage, post in zip(("12869112c9e5", "Production/", "/dev"), sender.posts):
        for kind in KINDS:
            sender.post(kind, post[kind], stage=stage)


def a_partition_beside_the_value(sender):
    sender.all(partition=0)


def a_string_that_holds_json(sender):
    sender.all(lambda kind, row: json.dumps({"records": [{"value": row}]}))


def rows_of_another_table(sender):
    others = {"pin": "user", "geo": "pin", "user": "geo"}
    for post in sender.posts:
        for kind in KINDS:
            sender.post(others[kind], post[kind])


VARIANTS = [
    moments_with_a_t, moments_by_default_str, accept_of_the_proxy, accept_with_weights_and_another_order,
    json_argument_and_a_null_key, thread_pools_and_moments_with_colons, moments_as_in_america, moments_as_objects,
    dates_only, a_session_with_retries, rows_keyed_index, any_stage_and_slashes, a_partition_beside_the_value,
    a_string_that_holds_json, rows_of_another_table]

# What becomes of a moment that is not told as most scripts do; the others are the moment itself.
WRITTEN = {
    thread_pools_and_moments_with_colons: lambda text: None, moments_as_in_america: lambda text: None,
    moments_as_objects: lambda text: None, dates_only: lambda text: text[:10] + " 00:00:00"}


@pytest.fixture(scope="module")
def tables(shared_serve):
    """Every variant with posts of its own in one bucket; the rows of each table by key, and the batch's answer."""
    distinct = list({post["pin"]["index"]: post for post in real_rows.post_log()}.values())
    server, senders = shared_serve(), []
    for number, variant in enumerate(VARIANTS):
        sender = Sender(server, number, distinct[number * POSTS:(number + 1) * POSTS])
        variant(sender)
        senders.append(sender)
    harness.eventually(lambda: server.lag() == 0, "the sink does not catch up")
    texts = {
        "pin": "SELECT ind, poster_name, NULL FROM pin",
        "geo": f"SELECT ind, country, strftime(timestamp, '{MOMENT}') AS written FROM geo",
        "user": f"SELECT ind, age, strftime(date_joined, '{MOMENT}') AS written FROM users"}
    rows = {kind: {row[0]: row[1:] for row in harness.query(text, "--data", server.data)}
            for kind, text in texts.items()}
    return senders, rows, harness.batch("--data", server.data)


@pytest.mark.parametrize("number", range(len(VARIANTS)), ids=[variant.__name__ for variant in VARIANTS])
def test_variant(tables, number):
    senders, rows, _ = tables
    written = WRITTEN.get(VARIANTS[number], lambda text: text)
    for post in senders[number].posts:
        key = post["pin"]["index"]
        assert rows["pin"][key][0] == post["pin"]["poster_name"]
        assert rows["geo"][key] == [post["geo"]["country"], written(post["geo"]["timestamp"])]
        assert rows["user"][key] == [post["user"]["age"], written(post["user"]["date_joined"])]


def test_nothing_is_lost_or_set_aside_and_moments_that_cannot_be_read_are_counted(tables):
    _, rows, answer = tables
    assert answer["rows"] == {"pin": len(VARIANTS) * POSTS, "geo": len(VARIANTS) * POSTS,
                              "users": len(VARIANTS) * POSTS}
    assert answer["quality"]["set_aside"] == []
    unread = sum(1 for written in WRITTEN.values() if written("2020-01-01 00:00:00") is None) * POSTS
    assert answer["quality"]["tables"]["geo"]["unreadable"]["timestamp"] == unread
    assert answer["quality"]["tables"]["users"]["unreadable"]["date_joined"] == unread


def test_every_variant_is_documented():
    text = (harness.CHECKOUT / "docs" / "compatibility.md").read_text(encoding="utf-8")
    for variant in VARIANTS:
        assert f"| {variant.__name__.replace('_', ' ')} |" in text, variant.__name__


def test_a_body_that_is_no_json_is_set_aside_with_its_reason(serve):
    """A binary record that is no JSON can be in no table: it is in the dead-letter topic, its reason beside it."""
    server = serve()
    answer = requests.post(
        f"http://{server.ingest}/test/topics/{harness.USER}.pin", timeout=30,
        data='{"records":[{"value":"bm8ganNvbg=="}]}', headers={"Content-Type": harness.KAFKA_BINARY})
    assert answer.status_code == 200
    metrics = f"http://{server.web}/metrics"
    harness.eventually(
        lambda: "pinline_sink_dead_letters_total 1" in requests.get(metrics, timeout=10).text, "nothing was set aside")
    assert b"no json" in b"".join(
        path.read_bytes() for path in (server.data / "log" / "pinline.dead-letters").rglob("*.log"))
