"""`kill -9` in the middle of a load, ten times: what was acknowledged is stored once, in order."""
import collections
import http.client
import itertools
import json
import random
import threading

import harness

TOPICS = [f"{harness.USER}.pin", f"{harness.USER}.geo"]
KILLS = 10
CLIENTS = 4


class Load:
    """Clients that post without pause until the server is gone, and remember what became of each record."""

    def __init__(self, seed):
        self.numbers = itertools.count()
        self.seed = seed
        self.lock = threading.Lock()
        self.acknowledged = {}
        self.unanswered = collections.defaultdict(set)
        self.trouble = []

    def start(self, server):
        self.threads = [
            threading.Thread(target=self._client, args=(server.host, server.port, random.Random(f"{self.seed} {i}")))
            for i in range(CLIENTS)]
        self.seed += 1
        for thread in self.threads:
            thread.start()

    def join(self):
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive(), "a client still waits for its answer half a minute after the kill"

    def _client(self, host, port, random):
        connection = http.client.HTTPConnection(host, port, timeout=20)
        while True:
            topic = random.choice(TOPICS)
            texts = [f"record {next(self.numbers)}" for _ in range(random.choice((1, 1, 1, 5, 50)))]
            body = json.dumps({"records": [{"value": {"index": 1, "title": text}} for text in texts]})
            try:
                connection.request("POST", f"/test/topics/{topic}", body, {"Content-Type": harness.KAFKA_JSON})
                response = connection.getresponse()
                answer = response.read()
            except (OSError, http.client.HTTPException):
                # The answer did not come: whether it is stored is open, and this client does not send it again.
                with self.lock:
                    self.unanswered[topic].update(texts)
                return
            self._answered(topic, texts, response.status, answer)

    def _answered(self, topic, texts, status, answer):
        with self.lock:
            if status != 200:
                self.trouble.append(f"{status} {answer[:300]!r}")
                self.unanswered[topic].update(texts)
                return
            for text, offset in zip(texts, json.loads(answer)["offsets"], strict=True):
                place = topic, offset["partition"], offset["offset"]
                if place in self.acknowledged:
                    self.trouble.append(f"{place} was given to two records")
                self.acknowledged[place] = text


def kill_under_load(server, load, more):
    before = len(load.acknowledged)
    load.start(server)
    try:
        harness.eventually(
            lambda: len(load.acknowledged) >= before + more,
            lambda: f"only {len(load.acknowledged) - before} records acknowledged\n{load.trouble}{server.log_tail()}")
    finally:
        server.kill()
        load.join()


def test_ten_kills_under_load_lose_and_repeat_nothing(serve):
    # Objects close so often that many a kill falls between two steps of the sink.
    server = serve(env={"PINLINE_SINK_FLUSH_SIZE": "40", "PINLINE_SINK_ROTATE_SCHEDULE_INTERVAL_MS": "50"})
    load, dice = Load(seed=0), random.Random(7)
    for _ in range(KILLS):
        kill_under_load(server, load, more=dice.randint(50, 600))
        server.start(seconds=15)
    harness.eventually(lambda: server.lag() == 0, lambda: f"lag {server.lag()}\n{server.log_tail()}", 60)

    assert not load.trouble
    assert len(load.acknowledged) >= KILLS * 50
    for topic in TOPICS:
        stored = {place: json.loads(line)["title"] for place, line in harness.lines(server.data, topic).items()}
        expected = {(p, o): text for (t, p, o), text in load.acknowledged.items() if t == topic}
        lost = {place: text for place, text in expected.items() if stored.get(place) != text}
        assert not lost, f"{len(lost)} acknowledged records are not at their offset: {list(lost.items())[:5]}"
        twice = [text for text, count in collections.Counter(stored.values()).items() if count > 1]
        assert not twice, f"stored twice: {twice[:5]}"
        # Beyond what was acknowledged there may be only what was sent and never answered.
        unknown = set(stored.values()) - set(expected.values()) - load.unanswered[topic]
        assert not unknown, f"nobody sent these: {sorted(unknown)[:5]}"


def test_a_request_is_stored_whole_or_not_at_all(serve):
    server = serve()
    topic = TOPICS[0]
    for attempt in range(5):
        connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
        rows = [{"value": {"index": attempt, "title": str(i)}} for i in range(500)]
        connection.request(
            "POST", f"/topics/{topic}", json.dumps({"records": rows}), {"Content-Type": harness.KAFKA_JSON})
        server.kill()
        connection.close()
        server.start()
    server.post(topic, {"index": 99, "title": "last"})
    harness.eventually(lambda: server.lag() == 0, "the sink does not catch up")
    counts = collections.Counter(row["index"] for row in harness.records(server.data, topic))
    assert counts.pop(99) == 1
    assert set(counts.values()) <= {500}


def test_what_was_posted_to_one_topic_survives_a_kill_at_once(serve):
    server = serve()
    for number in range(20):
        assert server.post(TOPICS[0], {"index": number}) == [(0, number)]
        server.kill()
        server.start()
    server.wait_until_stored({TOPICS[0]: 20})
    assert [row["index"] for row in harness.records(server.data, TOPICS[0])] == list(range(20))
