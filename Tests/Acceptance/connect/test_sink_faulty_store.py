"""Connectors before a store that fails: afterwards the objects are those of a run without a failure, to the byte."""
import json
import random
import threading

import pytest

import connect_client
import harness
import s3_store
import sink_client
from sink_client import KEYS

LARGE = {"s3.part.size": "5242880"}
FLUSH = 6
# What each request of the store looks like: method and a pattern behind the bucket's name.
REQUESTS = {
    "put": ("PUT", r"/topics/[^?]*$"), "create": ("POST", r"/.*\?uploads"), "part": ("PUT", r"/.*partNumber=2"),
    "complete": ("POST", r"/.*\?uploadId"), "abort": ("DELETE", r"/.*uploadId"), "head": ("HEAD", r"/"),
    "list": ("GET", r"/?\?.*uploads"),
}
EVERY = list(REQUESTS)
# Each fault, what sets it, and the requests that can meet it.
FAULTS = {
    "500": (lambda proxy, **at: proxy.answer(500, "InternalError", **at), EVERY),
    "503": (lambda proxy, **at: proxy.answer(503, "SlowDown", **at), EVERY),
    "504": (lambda proxy, **at: proxy.answer(504, "", **at), EVERY),
    "409": (lambda proxy, **at: proxy.answer(409, "ConditionalRequestConflict", **at), ["put", "complete"]),
    "412": (lambda proxy, **at: proxy.answer(412, "PreconditionFailed", **at), ["put", "complete"]),
    "error in a success": (lambda proxy, **at: proxy.late_error(**at), ["complete"]),
    "time-out": (lambda proxy, **at: proxy.hang(**at), EVERY),
    "cut before the body": (lambda proxy, **at: proxy.cut(0, **at), EVERY),
    "cut in the body": (lambda proxy, **at: proxy.cut(200_000, **at), ["part"]),
    "lost answer": (lambda proxy, **at: proxy.lose(**at), EVERY),
    "cut answer": (lambda proxy, **at: proxy.cut_answer(20, **at), ["create", "complete", "list"]),
}
# Those that are tried more often than one put tries a request.
AGAIN = ["503", "412", "time-out", "lost answer"]


@pytest.fixture(scope="module")
def proxy(s3):
    proxy = s3_store.FaultyProxy(s3.url).start()
    yield proxy
    proxy.stop()


@pytest.fixture(scope="module")
def module_sinks(shared_serve, s3, proxy):
    server = shared_serve(env={"PINLINE_CONNECT_S3_TIMEOUT_MS": "800"})
    return sink_client.Sinks(server, connect_client.Connect(server.web), store=s3, url=proxy.url)


def rows(count, width, start=0):
    return [{"value": json.dumps({"n": n, "text": "x" * width}).encode(), "key": f"k{n}"}
            for n in range(start, start + count)]


def wanted(sink, flush, partition=0, keys=False):
    """What the log's records become without a fault."""
    values, objects = sink.log(partition), {}
    for start in range(0, len(values) - flush + 1, flush):
        group = values[start:start + flush]
        folder = f"partition={partition}"
        objects[sink.key(folder, start, partition=partition)] = b"".join(
            json.dumps(json.loads(value), separators=(",", ":")).encode() + b"\n" for value in group)
        if keys:
            objects[sink.key(folder, start, ".keys.json", partition)] = b"".join(
                b'"k%d"\n' % json.loads(value)["n"] for value in group)
    return objects


def fault_at(proxy, sink, fault, request, times=1, skip=0):
    method, pattern = REQUESTS[request]
    FAULTS[fault][0](proxy, method=method, match=f"/{sink.bucket}{pattern}", times=times, skip=skip)


@pytest.mark.parametrize("times", [1, 6], ids=["once", "again and again"])
def test_each_fault_at_each_request(sinks, proxy, times):
    made = []
    for fault, (_, requests) in FAULTS.items():
        if times > 1 and fault not in AGAIN:
            continue
        # A time-out takes its time.
        count = min(times, 2) if fault == "time-out" else times
        # Time-outs side by side, since each takes its time; the others one after the other.
        large = [name for name in requests if name != "put"]
        for met in [["put"], *([[name] for name in large] if fault == "time-out" else [large])]:
            if not met or met[0] not in requests:
                continue
            sink = sinks.make({} if met == ["put"] else LARGE, flush_size=f"{FLUSH}")
            for name in met:
                if name == "abort":
                    # An upload is given up when the store says that the object is there.
                    fault_at(proxy, sink, "412", "complete")
                fault_at(proxy, sink, fault, name, times=count)
            sink.produce(*rows(2 * FLUSH, 10) if met == ["put"] else rows(FLUSH, 900_000))
            made.append((sink, fault, met, count))
    wrong = []
    for sink, fault, met, count in made:
        try:
            sink.settle(read=len(sink.log()), seconds=60)
            assert sink.objects() == wanted(sink, FLUSH), "other objects"
            assert sinks.store.uploads(sink.bucket) == [], "uploads are left"
            failed = [entry for entry in proxy.requests(match=f"/{sink.bucket}") if entry.fault]
            assert len(failed) >= len(met), f"the faults were not met: {failed}"
        except AssertionError as error:
            wrong.append(f"{fault} at {met}: {error}")
    assert not wrong, "\n".join(wrong)
    metrics = sinks.connect.session.get(f"http://{sinks.server.web}/metrics", timeout=10).text
    retries = [float(line.split()[-1]) for line in metrics.splitlines() if line.startswith("pinline_connect_store_retries")]
    assert sum(retries) > 0


def test_a_store_that_is_away_for_a_while_makes_reading_wait_and_loses_nothing(sinks, proxy):
    sink = sinks.make(flush_size="5")
    proxy.answer(503, "SlowDown", match=f"/{sink.bucket}/", times=1_000_000)
    sink.produce(*rows(200, 10))
    sink.settle(read=200, stored=0)
    status = sink.status()
    assert {task["state"] for task in status["tasks"]} == {"RUNNING"}
    assert sink.objects() == {}
    proxy.clear()
    sink.settle(read=200)
    assert sink.objects() == wanted(sink, 5)


def test_an_upload_that_a_refusal_ends_leaves_nothing_behind(sinks, proxy):
    """A refusal that will stay ends the task; the upload it was in is dropped."""
    sink = sinks.make(LARGE, flush_size=f"{FLUSH}")
    proxy.answer(403, "AccessDenied", method="PUT", match=f"/{sink.bucket}/.*partNumber=2", times=1)
    sink.produce(*rows(FLUSH, 900_000))
    assert "AccessDenied" in sink.failure()
    assert sink.objects() == {} and sinks.store.uploads(sink.bucket) == []
    sink.call("POST", "/restart?includeTasks=true")
    sink.settle(read=FLUSH)
    assert sink.objects() == wanted(sink, FLUSH)


# ---- All together

def mixed(proxy, chance, buckets, count):
    """Sets faults by chance, at any request of the buckets; those of the same requests come one after the other."""
    for _ in range(count):
        fault = chance.choice([name for name in FAULTS if name != "time-out"] if chance.random() < 0.9 else ["time-out"])
        request = chance.choice(FAULTS[fault][1])
        method, pattern = REQUESTS[request]
        FAULTS[fault][0](proxy, method=method, match=f"/{chance.choice(buckets)}{pattern}", skip=chance.randrange(2))


@pytest.mark.parametrize("seed, kills", [(1, 0), (2, 3)], ids=["running", "killed"])
def test_faults_by_chance_under_load(serve, s3, faulty_s3, tmp_path, seed, kills):
    chance = random.Random(seed)
    server = serve(env={"PINLINE_CONNECT_S3_TIMEOUT_MS": "800"}, data=tmp_path / "data")
    sinks = sink_client.Sinks(server, connect_client.Connect(server.web), store=s3, url=faulty_s3.url)
    small = sinks.make({**KEYS, "tasks.max": "2"}, flush_size="3", partitions=2)
    large = sinks.make(LARGE, flush_size=f"{FLUSH}")
    mixed(faulty_s3, chance, [small.bucket, large.bucket], 60)
    stop = threading.Event()

    def keep_adding():
        while not stop.wait(0.3):
            mixed(faulty_s3, chance, [small.bucket, large.bucket], 5)

    adding = threading.Thread(target=keep_adding, daemon=True)
    adding.start()
    for turn in range(kills + 1):
        for start in range(0, 300, 30):
            number = 300 * turn + start
            small.send(*({**row, "partition": n % 2} for n, row in enumerate(rows(30, 50, number))))
        large.send(*rows(FLUSH * 2, 900_000, number))
        if turn < kills:
            # Somewhere in the midst of it: after so many more requests.
            goal = len(faulty_s3.requests()) + chance.randrange(3, 25)
            harness.eventually(lambda: len(faulty_s3.requests()) >= goal, "the store is not asked", 20)
            sinks.restart()
    stop.set()
    adding.join()
    for sink, flush, partition in ((small, 3, 0), (small, 3, 1), (large, FLUSH, 0)):
        count = len(sink.log(partition))
        sink.settle(read=count, stored=count - count % flush, partition=partition, seconds=60)
    assert small.objects() == wanted(small, 3, 0, keys=True) | wanted(small, 3, 1, keys=True)
    assert large.objects() == wanted(large, FLUSH)
    assert s3.uploads(small.bucket) == s3.uploads(large.bucket) == []
    assert len([entry for entry in faulty_s3.requests() if entry.fault]) >= 10
