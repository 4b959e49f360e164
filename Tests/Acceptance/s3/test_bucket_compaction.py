"""`pinline bucket compact`: few objects in the place of many, and every record once, whatever dies and whoever reads."""
import gzip
import hashlib
import json
import pathlib
import re
import subprocess
import threading
import time

import pyarrow
import pyarrow.parquet
import pytest

import harness

TOPIC = "u.pin"
COUNT = 60
ROWS = [
    {"index": i, "unique_id": f"id{i}", "title": f"t{i}", "description": "d" * (i % 7), "poster_name": f"p{i % 5}",
     "follower_count": f"{i}k", "tag_list": "a,b", "is_image_or_video": "image", "image_src": "x", "downloaded": 1,
     "save_location": "Local save in /data/x", "category": ["art", "travel"][i % 2]} for i in range(COUNT)]
GEO = [{"ind": i, "timestamp": f"20{10 + i % 10}-01-02T03:04:05", "latitude": 1.5, "longitude": 2.5,
        "country": ["Peru", "Chile"][i % 2]} for i in range(COUNT)]
USERS = [{"ind": i, "first_name": f"A{i}", "last_name": "B", "age": 20 + i, "date_joined": "2016-01-02T03:04:05"}
         for i in range(COUNT)]
CLOSED = ["--min-age", "0s"]
POINTS = ["before-manifest", "after-manifest", "after-put", "after-delete", "after-delete:3", "before-removal"]
MANIFEST = ".pinline-compaction"


def line(row):
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def small_objects(size=5):
    """The same log as sinks store it in small objects."""
    found = {}
    for topic, rows in {TOPIC: ROWS, "u.geo": GEO, "u.user": USERS}.items():
        for start in range(0, len(rows), size):
            body = b"".join(map(line, rows[start:start + size]))
            found[f"topics/{topic}/partition=0/{topic}+0+{start:010}.json"] = body
    return found


class Folder:
    """A bucket that is a folder."""
    env = {}

    def __init__(self, path):
        self.place = path

    def put(self, key, body):
        path = pathlib.Path(self.place) / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    def objects(self):
        root = pathlib.Path(self.place)
        return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


class S3Bucket:
    """A bucket of a store that speaks S3."""

    def __init__(self, store, name):
        self.store, self.name = store, store.bucket(name)
        self.place, self.env = f"s3://{name}", store.environment()

    def put(self, key, body):
        self.store.client().put_object(Bucket=self.name, Key=key, Body=body)

    def objects(self):
        return self.store.objects(self.name)


@pytest.fixture(params=["folder", "s3"])
def bucket(request, tmp_path):
    if request.param == "folder":
        return Folder(tmp_path / "objects")
    name = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:20]
    return S3Bucket(request.getfixturevalue("s3"), f"compact-{name}")


@pytest.fixture
def filled(bucket):
    for key, body in small_objects().items():
        bucket.put(key, body)
    return bucket


def compact(bucket, data, *flags, fault=None, check=True):
    env = {**bucket.env, **({"PINLINE_FAULT": f"compact.{fault}"} if fault else {})}
    done = harness.run(
        "bucket", "compact", bucket.place, *(flags or CLOSED), "--data", data, "--format", "json", env=env)
    if fault:
        assert done.returncode == -9, f"{fault} was not passed: {done.returncode} {done.stdout} {done.stderr}"
    elif check:
        assert done.returncode == 0, done.stderr
    return done


def answers(bucket, data):
    found = harness.batch("--bucket", bucket.place, "--data", data, env=bucket.env)
    assert found["rows"] == {"pin": COUNT, "geo": COUNT, "users": COUNT}
    return found["results"], found["quality"]


def whole(bucket):
    return {k: v for k, v in bucket.objects().items() if not k.endswith(MANIFEST)}


def listed(bucket, data):
    text = harness.succeed("bucket", "list", bucket.place, "--format", "csv", "--data", data, env=bucket.env)
    return [entry.split(",")[0] for entry in text.splitlines()[1:]]


MERGED = {f"topics/{t}/partition=0/{t}+0+0000000000.json": b"".join(map(line, rows))
          for t, rows in {TOPIC: ROWS, "u.geo": GEO, "u.user": USERS}.items()}


# ---- What is merged

def test_small_objects_become_one_of_the_first_ones_name(filled, tmp_path):
    before = answers(filled, tmp_path)
    compact(filled, tmp_path)
    assert filled.objects() == MERGED
    assert answers(filled, tmp_path) == before
    again = json.loads(compact(filled, tmp_path).stdout)
    assert again == [] or all(row["objects"] == row["now"] for row in again)
    assert filled.objects() == MERGED


def test_a_dry_run_changes_nothing(filled, tmp_path):
    before = filled.objects()
    rows = json.loads(compact(filled, tmp_path, *CLOSED, "--dry-run").stdout)
    assert [(r["objects"], r["would_be"]) for r in rows] == [(12, 1)] * 3
    assert filled.objects() == before


def test_objects_stay_below_the_target_and_large_ones_as_they_are(tmp_path):
    bucket = Folder(tmp_path / "objects")
    sizes = [100, 100, 100, 5000, 100, 100, 100, 100]
    for number, size in enumerate(sizes):
        bucket.put(f"topics/t/partition=0/t+0+{number * 10:010}.json", b'"' + b"x" * (size - 3) + b'"\n')
    compact(bucket, tmp_path, *CLOSED, "--min-bytes", "1KB", "--target-bytes", "300B")
    found = {int(re.search(r"\+(\d+)\.", k)[1]): len(v) for k, v in bucket.objects().items()}
    assert found == {0: 300, 30: 5000, 40: 300, 70: 100}


def test_only_one_partition_topic_life_and_ending_are_merged(tmp_path):
    bucket = Folder(tmp_path / "objects")
    names = [f"{topic}+{partition}+{offset:010}{ending}" for topic in ["a", "a~1", "b"] for partition in [0, 1]
             for offset in [0, 5, 10] for ending in [".json", ".json.gz"]]
    for name in names:
        body = f'"{name}"\n'.encode()
        bucket.put(f"topics/x/year=2020/month=01/{name}", gzip.compress(body) if name.endswith(".gz") else body)
    for name in ["notes.json", "a+0+x.json", "a+0+0000000000.avro", "a+0+0000000005.avro"]:
        bucket.put(f"topics/x/year=2020/month=01/{name}", b'"kept"\n')
    compact(bucket, tmp_path)
    found = {k.rsplit("/", 1)[1]: gzip.decompress(v) if k.endswith(".gz") else v for k, v in bucket.objects().items()}
    kept = {n for n in found if b"kept" in found[n]}
    assert kept == {"notes.json", "a+0+x.json", "a+0+0000000000.avro", "a+0+0000000005.avro"}
    assert {n: v.decode() for n, v in found.items() if n not in kept} == {
        f"{t}+{p}+0000000000{e}": "".join(f'"{t}+{p}+{o:010}{e}"\n' for o in [0, 5, 10])
        for t in ["a", "a~1", "b"] for p in [0, 1] for e in [".json", ".json.gz"]}


def test_keys_and_headers_are_merged_as_their_values_are(tmp_path):
    bucket = Folder(tmp_path / "objects")
    for offset, size in [(0, 100), (5, 100), (10, 3000), (20, 100), (30, 100)]:
        bucket.put(f"topics/t/partition=0/t+0+{offset:010}.json", b"v" * size + b"\n")
        bucket.put(f"topics/t/partition=0/t+0+{offset:010}.keys.json", f'"k{offset}"\n'.encode())
        bucket.put(f"topics/t/partition=0/t+0+{offset:010}.headers.json", f'"h{offset}"\n'.encode())
    compact(bucket, tmp_path, *CLOSED, "--min-bytes", "1KB")
    found = {k.rsplit("+", 1)[1]: v for k, v in bucket.objects().items()}
    assert sorted(found) == sorted(f"{o:010}{e}" for o in [0, 10, 20] for e in [".json", ".keys.json", ".headers.json"])
    assert found["0000000000.keys.json"] == b'"k0"\n"k5"\n' and found["0000000010.keys.json"] == b'"k10"\n'
    assert found["0000000020.headers.json"] == b'"h20"\n"h30"\n'


def test_parquet_is_merged_with_its_rows_in_order(tmp_path):
    bucket = Folder(tmp_path / "objects")
    for offset in range(0, 30, 10):
        rows = pyarrow.table({"n": range(offset, offset + 10), "text": [f"n{offset + i}" for i in range(10)]})
        pyarrow.parquet.write_table(rows, tmp_path / "piece", compression="zstd")
        bucket.put(f"topics/t/partition=0/t+0+{offset:010}.zstd.parquet", (tmp_path / "piece").read_bytes())
    compact(bucket, tmp_path)
    (name,) = bucket.objects()
    path = tmp_path / "objects" / name
    assert path.name == "t+0+0000000000.zstd.parquet"
    assert harness.query(f"SELECT n, text FROM read_parquet('{path}')") == [[n, f"n{n}"] for n in range(30)]
    assert harness.query(f"SELECT DISTINCT compression FROM parquet_metadata('{path}')") == [["ZSTD"]]


# ---- What is left alone

def test_a_folder_that_got_something_lately_waits(filled, tmp_path):
    before = filled.objects()
    rows = json.loads(compact(filled, tmp_path, "--min-age", "1h").stdout)
    assert [("newest object" in r["note"], r["now"]) for r in rows] == [(True, 12)] * 3
    assert filled.objects() == before


def test_a_folder_of_a_time_to_come_waits_and_one_that_is_over_does_not(tmp_path):
    bucket = Folder(tmp_path / "objects")
    folders = {"year=2020/month=02/day=29": 1, "year=2020/month=02/day=29/hour=07": 1, "year=2090/month=01": 2,
               time.strftime("year=%Y/month=%m/day=%d", time.gmtime()): 2}
    for folder in folders:
        for offset in [0, 1]:
            bucket.put(f"topics/t/{folder}/t+0+{offset:010}.json", b"1\n")
    compact(bucket, tmp_path)
    found = [k.rsplit("/", 1)[0].removeprefix("topics/t/") for k in bucket.objects()]
    assert {f: found.count(f) for f in folders} == folders
    compact(bucket, tmp_path, "--closed-before", "2090-02-01")
    found = [k.rsplit("/", 1)[0].removeprefix("topics/t/") for k in bucket.objects()]
    assert {f: found.count(f) for f in folders} == dict.fromkeys(folders, 1)


def test_what_the_built_in_sink_is_not_done_with_stays_and_it_goes_on(serve, tmp_path):
    data = tmp_path / "data"
    server = serve(data=data, env={"PINLINE_SINK_FLUSH_SIZE": "5"})
    server.post_all(TOPIC, ROWS, size=5)
    server.wait_until_stored({TOPIC: COUNT})
    rows = json.loads(harness.succeed("bucket", "compact", "--data", data, "--format", "json"))
    assert [r["now"] for r in rows] == [1], rows
    server.post_all(TOPIC, ROWS, size=5)
    server.wait_until_stored({TOPIC: 2 * COUNT})
    assert harness.records(data, TOPIC) == ROWS + ROWS
    server.kill()
    server = serve(data=data, env={"PINLINE_SINK_FLUSH_SIZE": "5"})
    server.post_all(TOPIC, ROWS[:7], size=5)
    harness.succeed("bucket", "compact", "--data", data)
    server.wait_until_stored({TOPIC: 2 * COUNT + 7})
    assert harness.records(data, TOPIC) == ROWS + ROWS + ROWS[:7]


def test_what_was_planned_before_a_kill_is_not_merged(serve, tmp_path):
    """A connector that died after its plan puts the object again: nothing of it may be merged before."""
    data, cloud = tmp_path / "data", tmp_path / "cloud"
    config = tmp_path / "sink.properties"
    config.write_text(
        "name=s3-sink\nconnector.class=io.confluent.connect.s3.S3SinkConnector\ntopics=u.pin\ns3.bucket.name=b\n"
        f"store.url=file://{cloud}\nstorage.class=io.confluent.connect.s3.storage.S3Storage\nflush.size=5\n"
        "format.class=io.confluent.connect.s3.format.json.JsonFormat\ns3.region=eu-west-1\n"
        "value.converter=org.apache.kafka.connect.json.JsonConverter\nvalue.converter.schemas.enable=false\n")
    server = serve(data=data, arguments=["--connect", config], env={"PINLINE_FAULT": "sink.after-upload:7"})
    for start in range(0, 50, 5):
        try:
            server.post(TOPIC, *ROWS[start:start + 5])
        except Exception:
            break
        time.sleep(0.15)
    harness.eventually(lambda: server.process.poll() is not None, lambda: f"it goes on\n{server.log_tail()}", 30)
    bucket = Folder(cloud / "b")
    compact(bucket, data)
    server = serve(data=data, arguments=["--connect", config])
    server.post(TOPIC, *ROWS[50:])

    def stored():
        return sorted(json.loads(r)["index"] for v in whole(bucket).values() for r in v.splitlines())

    wanted = harness.eventually(
        lambda: (n := harness.records(data, TOPIC)) and len(n) % 5 == 0 and sorted(r["index"] for r in n) == stored()
        and stored(), lambda: f"{stored()}\n{server.log_tail()}", 40)
    assert wanted == sorted(set(wanted))
    compact(bucket, data)
    assert stored() == wanted


# ---- Killed

@pytest.mark.parametrize("point", POINTS)
def test_every_record_is_read_once_after_a_kill_and_the_next_run_finishes(filled, tmp_path, point):
    before = answers(filled, tmp_path)
    compact(filled, tmp_path, fault=point)
    assert answers(filled, tmp_path) == before, sorted(filled.objects())
    assert answers(filled, tmp_path) == before
    lists = listed(filled, tmp_path)
    assert MANIFEST not in "".join(lists)
    everything = filled.objects()
    text = b"".join(everything[k] for k in lists)
    assert sorted(text.splitlines()) == sorted(b"".join(MERGED.values()).splitlines())
    compact(filled, tmp_path)
    assert filled.objects() == MERGED
    assert answers(filled, tmp_path) == before
    assert not list((tmp_path / "cache").glob("compaction-*"))


@pytest.mark.parametrize("point", ["after-put", "after-put:2", "after-delete:2"])
def test_values_and_keys_are_finished_together(tmp_path, point):
    bucket = Folder(tmp_path / "objects")
    for offset in range(0, 20, 5):
        bucket.put(f"topics/t/partition=0/t+0+{offset:010}.json", f"{offset}\n".encode())
        bucket.put(f"topics/t/partition=0/t+0+{offset:010}.keys.json", f'"k{offset}"\n'.encode())
    compact(bucket, tmp_path, fault=point)
    compact(bucket, tmp_path)
    found = {k.rsplit("+", 1)[1]: v for k, v in bucket.objects().items()}
    assert found == {"0000000000.json": b"0\n5\n10\n15\n", "0000000000.keys.json": b'"k0"\n"k5"\n"k10"\n"k15"\n'}


def test_two_runs_at_once_lose_nothing(filled, tmp_path):
    before = answers(filled, tmp_path)
    running = [
        subprocess.Popen(
            [str(harness.binary()), "bucket", "compact", str(filled.place), *CLOSED, "--data", str(tmp_path / f"d{n}")],
            env=harness.environment(filled.env), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE) for n in range(3)]
    for process in running:
        process.wait(60)
    assert answers(filled, tmp_path) == before
    compact(filled, tmp_path)
    assert filled.objects() == MERGED


def test_a_manifest_of_another_machine_is_left_until_told(filled, tmp_path):
    compact(filled, tmp_path, fault="after-put")
    (key,) = [k for k in filled.objects() if k.endswith(MANIFEST)]
    manifest = json.loads(filled.objects()[key])
    filled.put(key, json.dumps({**manifest, "host": "elsewhere"}).encode())
    rows = json.loads(compact(filled, tmp_path).stdout)
    assert any("elsewhere" in (r["note"] or "") and "--take-over" in r["note"] for r in rows), rows
    assert key in filled.objects()
    compact(filled, tmp_path, *CLOSED, "--take-over")
    assert filled.objects() == MERGED


# ---- Readers beside it

def test_who_reads_meanwhile_reads_each_record_once(bucket, tmp_path):
    for key, body in small_objects(size=1).items():
        bucket.put(key, body)
    before = answers(bucket, tmp_path)
    stop, wrong = threading.Event(), []

    def read(number):
        while not stop.is_set():
            try:
                found = answers(bucket, tmp_path / f"reader{number}")
                if found != before:
                    wrong.append(found)
            except AssertionError as error:
                wrong.append(error)

    readers = [threading.Thread(target=read, args=(n,)) for n in range(2)]
    for reader in readers:
        reader.start()
    try:
        for target in ["1500B", "3KB", "6KB", "128MB"]:
            compact(bucket, tmp_path, *CLOSED, "--target-bytes", target)
    finally:
        time.sleep(0.3)
        stop.set()
        for reader in readers:
            reader.join()
    assert not wrong, wrong[:2]
    assert bucket.objects() == MERGED


# ---- Mistakes

@pytest.mark.parametrize("flags, text", [
    (["--min-age", "soon"], "--min-age is a time"), (["--closed-before", "x"], "--closed-before is a date"),
    (["--min-bytes", "0"], "--min-bytes is a size"), (["--bucket", "elsewhere"], "give the place once"),
])
def test_wrong_flags_are_named(tmp_path, flags, text):
    done = harness.run("bucket", "compact", tmp_path, *flags)
    assert done.returncode == 2 and text in done.stderr, done.stderr


def test_a_place_that_is_not_there_is_named(tmp_path):
    done = harness.run("bucket", "compact", tmp_path / "none")
    assert done.returncode == 1 and "there is no folder" in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1
