"""Live metrics as their users ask for them, and the same counts made by hand from what was posted."""
import collections
import json

import requests

import harness


def ask(server, path, **parameters):
    answer = requests.get(f"http://{server.web}/{path}", params=parameters, timeout=30)
    assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json()


def rows(server, metric, *columns, **parameters):
    """The rows of an answer as tuples of some columns."""
    answer = ask(server, f"live/{metric}", **{"window": "1h", "limit": 1000, **parameters})
    assert answer["exact"] is True and answer["error"] == {"max_overcount": 0, "max_undercount": 0}
    return [tuple(row[column] for column in columns) for row in answer["rows"]]


def wait_for_records(server, count, seconds=30):
    """Waits until that many rows of all tables are counted."""
    harness.eventually(
        lambda: ask(server, "live")["records"] >= count,
        lambda: f"{ask(server, 'live')} is not {count} rows\n{server.log_tail()}", seconds)
    assert ask(server, "live")["records"] == count, "rows were counted twice"


def pin(index, poster, category, followers="10", **more):
    return {"index": index, "unique_id": f"id-{index}", "title": f"title {index}", "poster_name": poster,
            "follower_count": followers, "category": category, "downloaded": 1, "save_location": "x", **more}


def geo(index, country, timestamp="2020-01-01 00:00:00"):
    return {"ind": index, "timestamp": timestamp, "latitude": 1.5, "longitude": 2.5, "country": country}


def user(index):
    return {"ind": index, "first_name": "Ann", "last_name": f"Lee{index}", "age": 30,
            "date_joined": "2016-01-01 00:00:00"}


def ranked(counter):
    """As answers are ordered: the most first, ties by name."""
    return sorted(counter.items(), key=lambda item: (-item[1], tuple(t.encode() for t in item[0])))


def count_posts(pins, places, *columns):
    """How many joined posts there are for each value of the columns."""
    countries = {}
    for place in places:
        countries.setdefault(place["ind"], []).append(place["country"])
    counts = collections.Counter()
    for row in pins:
        for country in countries.get(row["index"], []):
            counts[tuple({**row, "country": country}[column] for column in columns)] += 1
    return counts


class Events:
    """A stream of server-sent events."""

    def __init__(self, server, path, headers=None, **parameters):
        self.response = requests.get(
            f"http://{server.web}/{path}", params=parameters, headers=headers or {}, stream=True, timeout=30)
        self.lines = self.response.iter_lines(decode_unicode=True, chunk_size=1)

    def next(self):
        """The next event's answer."""
        data = None
        for line in self.lines:
            if line.startswith("data: "):
                data = json.loads(line[6:])
            elif line == "" and data is not None:
                return data
        return None

    def next_comment(self):
        return next((line for line in self.lines if line.startswith(":")), None)

    def close(self):
        self.response.close()
