"""The connector file that people have in their notes: the objects of their listings, wherever they are stored."""
import json
import subprocess
import sys

import pytest

import connect_client
import harness
import s3_store
from connect_client import BUCKET, USER

PINS = [
    {"index": 7528, "unique_id": "fbe53c66-3442-4773-b19e-d3ec6f54dddf", "title": "No Title Data Available",
     "description": "No description available Story format", "poster_name": "User Info Error",
     "follower_count": "User Info Error", "tag_list": "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e",
     "is_image_or_video": "multi-video(story page format)", "image_src": "Image src error.", "downloaded": 0,
     "save_location": "Local save in /data/mens-fashion", "category": "mens-fashion"},
    {"index": 2863, "title": "Über „Straße“ 🧶 \"quoted\" \\ back", "poster_name": "日本語", "follower_count": "136k"},
    {"index": 5730, "title": "tab\tand\nline", "tag_list": "a,b", "downloaded": 1},
]
GEOS = [{"ind": 7528, "timestamp": "2020-08-28 03:52:47", "latitude": -89.9787, "longitude": -173.293,
         "country": "Albania"}]


def expected():
    """Names and bytes as real listings have them: compact JSON, UTF-8 as it is, one newline, one record an object."""
    objects = {}
    for topic, rows in ((f"{USER}.pin", PINS), (f"{USER}.geo", GEOS)):
        for offset, row in enumerate(rows):
            text = json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n"
            objects[f"topics/{topic}/partition=0/{topic}+0+{offset:010}.json"] = text.encode()
    return objects


COUNTS = {f"{USER}.pin": len(PINS), f"{USER}.geo": len(GEOS)}


def post(server):
    server.post(f"{USER}.pin", *PINS)
    server.post(f"{USER}.geo", *GEOS)
    server.post("another.pin", {"index": 1})


def write_file(folder, name="s3-sink", more=""):
    path = folder / f"{name}.properties"
    path.write_text(f"name={name}\n{connect_client.PEOPLES_FILE}{more}", encoding="utf-8")
    return path


@pytest.fixture
def cloud(tmp_path):
    store = s3_store.Store(tmp_path / "moto.log").start()
    yield store
    store.stop()


def test_the_file_works_as_it_is_and_keeps_a_folder_for_the_bucket(serve, tmp_path):
    server = serve(arguments=["--connect", write_file(tmp_path)])
    connect = connect_client.Connect(server.web)
    post(server)
    connect.wait_until_stored("s3-sink", COUNTS)
    assert connect_client.bucket_objects(server.data / "buckets" / BUCKET) == expected()
    assert len(connect.get("/connectors/s3-sink/status")["tasks"]) == 3
    assert "keeps its objects in a folder" in server.log_tail()
    # The built-in sink is not in its way.
    server.wait_until_stored(COUNTS)


def test_the_file_works_by_rest_with_a_folder_of_ones_own(server, connect, tmp_path):
    connect.create("s3-sink", connect_client.peoples_config(store_url=f"file://{tmp_path}/cloud"))
    post(server)
    connect.wait_until_stored("s3-sink", COUNTS)
    assert connect_client.bucket_objects(tmp_path / "cloud" / BUCKET) == expected()


@pytest.mark.parametrize("way", ["rest", "file"])
def test_the_file_works_with_a_store_that_speaks_s3(serve, tmp_path, cloud, way):
    cloud.bucket(BUCKET)
    keys = f"aws.access.key.id={s3_store.KEY_ID}\naws.secret.access.key={s3_store.SECRET}\n"
    path = write_file(tmp_path, more=f"store.url={cloud.url}\n{keys if way == 'file' else ''}")
    server = serve(
        arguments=["--connect", path] if way == "file" else [],
        env=cloud.environment() if way == "rest" else {})
    connect = connect_client.Connect(server.web)
    if way == "rest":
        connect.create("s3-sink", connect_client.peoples_config(store_url=cloud.url))
    post(server)
    connect.wait_until_stored("s3-sink", COUNTS)
    assert cloud.objects(BUCKET) == expected()
    listing = subprocess.run(
        [sys.executable, "-m", "awscli", "--endpoint-url", cloud.url, "s3", "ls", "--recursive", f"s3://{BUCKET}"],
        env={**harness.environment(), **cloud.environment(), "AWS_DEFAULT_REGION": s3_store.REGION},
        capture_output=True, text=True, timeout=60)
    assert listing.returncode == 0, listing.stderr
    sizes = {line.split(None, 3)[3]: int(line.split(None, 3)[2]) for line in listing.stdout.splitlines()}
    assert sizes == {key: len(content) for key, content in expected().items()}
    if way == "file":
        assert s3_store.SECRET not in server.log_tail(1_000_000)


def test_the_batch_job_reads_what_the_connector_stored(serve, tmp_path):
    server = serve(arguments=["--connect", write_file(tmp_path)])
    post(server)
    connect_client.Connect(server.web).wait_until_stored("s3-sink", COUNTS)
    rows = harness.batch("--bucket", server.data / "buckets" / BUCKET)["rows"]
    assert (rows["pin"], rows["geo"]) == (len(PINS), len(GEOS))


def test_a_file_that_is_wrong_stops_the_start_with_all_findings(tmp_path):
    path = tmp_path / "wrong.properties"
    path.write_text("name=wrong\nconnector.class=S3Sink\nflush.size=0\ntransforms=x\n", encoding="utf-8")
    done = harness.run(
        "serve", "--data", tmp_path / "data", "--ingest", "127.0.0.1:0", "--kafka", "127.0.0.1:0", "--web",
        "127.0.0.1:0", "--connect", path)
    assert done.returncode == 2, done.stderr
    for word in ("connector wrong", "flush.size", "topics.regex", "transforms.x", 's3.bucket.name" which has no default'):
        assert word in done.stderr, done.stderr


def test_connectors_come_back_after_a_kill_and_store_each_record_once(serve, tmp_path):
    server = serve()
    connect = connect_client.Connect(server.web)
    connect.create("s3-sink", connect_client.peoples_config())
    connect.create("paused", connect_client.peoples_config(s3_bucket_name="other"), initial_state="PAUSED")
    rows = [{"index": number} for number in range(300)]
    server.post_all(f"{USER}.pin", rows, size=10)
    server.kill()
    server.start()
    connect = connect_client.Connect(server.web)
    assert connect.get("/connectors") == ["paused", "s3-sink"]
    assert connect.get("/connectors/paused/status")["connector"]["state"] == "PAUSED"
    connect.wait_until_stored("s3-sink", {f"{USER}.pin": len(rows)})
    objects = connect_client.bucket_objects(server.data / "buckets" / BUCKET)
    assert [json.loads(content) for _, content in sorted(objects.items())] == rows
    assert not (server.data / "buckets" / "other").exists()
    assert server.stop() == 0


def test_a_file_given_again_changes_the_connector_only_if_it_differs(serve, tmp_path):
    server = serve(arguments=["--connect", write_file(tmp_path)])
    connect = connect_client.Connect(server.web)
    assert connect.call("PUT", "/connectors/s3-sink/pause").status_code == 202
    server.stop()
    server.start()
    connect = connect_client.Connect(server.web)
    assert connect.get("/connectors/s3-sink/status")["connector"]["state"] == "PAUSED"
    write_file(tmp_path, more="flush.size=7\n")
    server.stop()
    server.start()
    assert connect_client.Connect(server.web).get("/connectors/s3-sink/config")["flush.size"] == "7"


def test_parquet_files_hold_the_records_with_texts_as_texts(server, connect):
    topic, bucket = "columns.pin", "columns"
    connect.create("columns", connect_client.peoples_config(
        topics_regex=None, topics=topic, flush_size="2", s3_bucket_name=bucket,
        format_class="io.confluent.connect.s3.format.parquet.ParquetFormat"))
    server.post(topic, {"index": 1, "seen": "2020-08-28 03:52:47", "tags": ["a"]}, {"index": 2, "seen": None, "tags": []})
    connect.wait_until_stored("columns", {topic: 2})
    folder = server.data / "buckets" / bucket
    (name,) = connect_client.bucket_objects(folder)
    assert name == f"topics/{topic}/partition=0/{topic}+0+0000000000.snappy.parquet"
    rows = harness.query(
        f"SELECT index, seen, tags FROM read_parquet('{folder / name}') ORDER BY index", "--bucket", folder)
    assert rows == [[1, "2020-08-28 03:52:47", ["a"]], [2, None, []]]
