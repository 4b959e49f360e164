"""Kills of a server that keeps tables: no row missing, none twice, every version can be read."""
import os
import random
import threading

import pytest
import requests

import harness
from stream_tables import QUICK_TABLES, batch_rows, every_version_can_be_read, flush, rows

USER = harness.USER
KILLS = int(os.environ.get("PINLINE_TABLE_KILLS", "8"))
POINTS = ["stream.after-letters", "stream.after-hashes", "stream.after-tables", "stream.after-positions",
          "delta.after-data", "delta.before-commit", "delta.after-commit", "delta.during-checkpoint",
          "delta.during-compaction"]


def pin(number):
    return {"index": number, "unique_id": f"u{number}", "title": f"title {number}", "description": "d" * (number % 300),
            "poster_name": f"poster {number % 50}", "follower_count": f"{number % 900}k", "tag_list": "a,b",
            "is_image_or_video": "image", "image_src": "x", "downloaded": 1,
            "save_location": "Local save in /data/art", "category": "art"}


def geo(number):
    return {"ind": number, "timestamp": "2020-08-28 03:52:47", "latitude": 1.5, "longitude": -2.5, "country": "Peru"}


class Load:
    """Posts until the server is gone: rows of two tables through three topics, some rows twice."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.next, self.pause = 0, threading.Event()
        self.acknowledged = {"pin": set(), "geo": set()}

    def post(self, server):
        first, count = self.next, self.chance.randint(1, 40)
        self.next += count
        numbers = range(first, first + count)
        again = [self.chance.randrange(0, first + 1) for _ in range(self.chance.choice([0, 0, 3]))]
        server.post(f"{USER}.pin", *[pin(n) for n in numbers], *[pin(n) for n in again])
        self.acknowledged["pin"].update(numbers)
        # Rows of geo go astray now and then.
        server.post(self.chance.choice([f"{USER}.geo", f"{USER}.geo", f"{USER}.pin"]), *[geo(n) for n in numbers])
        self.acknowledged["geo"].update(numbers)

    def run(self, server):
        """Some commits, not thousands: every version is looked at in the end."""
        try:
            while server.process.poll() is None:
                self.post(server)
                self.pause.wait(0.02)
        except (requests.RequestException, AssertionError):
            pass


def check(server, load):
    server.env = {**harness.QUICK_SINK, **QUICK_TABLES}
    server.start()
    flush(server)
    harness.eventually(lambda: server.lag() == 0, "the sink does not catch up")
    server.stop()
    for name, key in (("pin", '"ind": {},'), ("geo", '"ind": {},')):
        found = rows(server.data, name)
        assert len(found) == len(set(found)), f"{name} has rows twice"
        assert found == batch_rows(name, "--data", server.data)
        text = "\n".join(found)
        missing = [n for n in load.acknowledged[name] if key.format(n) not in text]
        assert not missing, f"{name} lacks {missing[:5]}"
        every_version_can_be_read(server.data, name)


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_a_named_point(serve, point):
    server = serve(env={**QUICK_TABLES, "PINLINE_STREAM_UPKEEP_COMMITS": "3"})
    load = Load(point)
    for passed in (1, 3):
        server.stop()
        server.env["PINLINE_FAULT"] = f"{point}:{passed}"
        server.start()
        thread = threading.Thread(target=load.run, args=(server,))
        thread.start()
        try:
            harness.eventually(lambda: server.process.poll() is not None, f"{point} is not passed", 20)
        finally:
            server.kill()
            thread.join()
    server.env.pop("PINLINE_FAULT")
    check(server, load)


def test_kills_at_random_under_load(serve):
    server = serve(env=QUICK_TABLES)
    load = Load("kills")
    for _ in range(KILLS):
        threads = [threading.Thread(target=load.run, args=(server,))]
        for thread in threads:
            thread.start()
        timer = threading.Timer(load.chance.uniform(0.05, 1.5), server.process.kill)
        timer.start()
        server.process.wait(30)
        for thread in threads:
            thread.join()
        server.start()
    server.stop()
    check(server, load)
