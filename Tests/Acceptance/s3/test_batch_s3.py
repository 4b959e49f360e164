"""The batch job and queries over objects of S3, by address and by mount: the answers of a folder with the same rows."""
import json
import stat
import urllib.parse

import pytest

import harness
import s3_store

ROWS = {
    "u.pin": [{"index": i, "unique_id": f"id{i}", "title": f"t{i}", "description": "d", "poster_name": "p",
               "follower_count": f"{i}k", "tag_list": "a,b", "is_image_or_video": "image", "image_src": "x",
               "downloaded": 1, "save_location": "Local save in /data/x", "category": "art"} for i in range(40)],
    "u.geo": [{"ind": i, "timestamp": "2020-01-02T03:04:05", "latitude": 1.5, "longitude": 2.5, "country": "Peru"}
              for i in range(40)],
    "u.user": [{"ind": i, "first_name": "A", "last_name": "B", "age": 20 + i, "date_joined": "2016-01-02T03:04:05"}
               for i in range(40)],
}


def key(topic, number):
    return f"topics/{topic}/partition=0/{topic}+0+{number:010}.json"


def upload(client, bucket, prefix=""):
    for topic, rows in ROWS.items():
        for start in range(0, len(rows), 10):
            body = "".join(json.dumps(row) + "\n" for row in rows[start:start + 10])
            client.put_object(Bucket=bucket, Key=prefix + key(topic, start), Body=body.encode())


@pytest.fixture(scope="module")
def bucket(s3):
    name = s3.bucket("batch-rows")
    upload(s3.client(), name)
    s3.client().put_object(Bucket=name, Key="topics/other/partition=0/o.json", Body=b"{}\n")
    s3.client().put_object(Bucket=name, Key="topics/", Body=b"")
    s3.client().put_object(Bucket=name, Key="unrelated.json", Body=b"{}\n")
    return name


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Of a folder with the same objects."""
    folder = tmp_path_factory.mktemp("same")
    for topic, rows in ROWS.items():
        path = folder / key(topic, 0)
        path.parent.mkdir(parents=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return harness.batch("--bucket", folder)["results"]


def test_the_batch_job_answers_as_over_a_folder(s3, bucket, answers, tmp_path):
    found = harness.batch("--bucket", f"s3://{bucket}", "--data", tmp_path, env=s3.environment())
    assert found["results"] == answers
    assert found["rows"] == {"pin": 40, "geo": 40, "users": 40}


def test_a_second_run_fetches_only_what_is_new(s3, faulty_s3, bucket, answers, tmp_path):
    env = s3.environment(faulty_s3.url)
    harness.batch("--bucket", f"s3a://{bucket}/", "--data", tmp_path, env=env)
    assert len([s for s in faulty_s3.requests("GET") if "list-type" not in s.query]) == 12
    faulty_s3.seen.clear()
    assert harness.batch("--bucket", f"s3://{bucket}", "--data", tmp_path, env=env)["results"] == answers
    assert [s.query for s in faulty_s3.requests("GET") if "list-type" not in s.query] == []
    assert list((tmp_path / "cache" / "readers").iterdir()) == [tmp_path / "cache" / "readers" / ".lock"]


def test_an_object_that_was_stored_anew_is_read_anew(s3, tmp_path):
    name = s3.bucket("batch-anew")
    upload(s3.client(), name)
    count = ["SELECT count(*), max(title) FROM pin", "--bucket", f"s3://{name}", "--data", tmp_path]
    assert harness.query(*count, env=s3.environment()) == [[40, "t9"]]
    row = {**ROWS["u.pin"][0], "title": "u0"}
    s3.client().put_object(Bucket=name, Key=key("u.pin", 0), Body=json.dumps(row).encode() + b"\n")
    assert harness.query(*count, env=s3.environment()) == [[31, "u0"]]


def test_a_cache_that_is_too_small_says_so(s3, bucket, tmp_path):
    done = harness.run(
        "batch", "--bucket", f"s3://{bucket}", "--data", tmp_path, "--cache-size", "1KB", env=s3.environment())
    assert done.returncode == 1 and "--cache-size" in done.stderr, done.stderr


def test_a_cache_keeps_to_its_size(s3, tmp_path):
    for name in ["batch-size-a", "batch-size-b"]:
        upload(s3.client(), s3.bucket(name))
        harness.batch("--bucket", f"s3://{name}", "--data", tmp_path, "--cache-size", "25KB", env=s3.environment())
        assert sum(p.stat().st_size for p in (tmp_path / "cache" / "objects").iterdir()) <= 25_000


def test_a_prefix_is_a_bucket_too(s3, answers, tmp_path):
    name = s3.bucket("batch-prefix")
    upload(s3.client(), name, "deep/er/")
    found = harness.batch("--bucket", f"s3://{name}/deep/er", "--data", tmp_path, env=s3.environment())
    assert found["results"] == answers


def test_a_bucket_that_is_not_there_and_one_that_is_empty_are_named(s3, tmp_path):
    done = harness.run("batch", "--bucket", "s3://none-such", "--data", tmp_path, env=s3.environment())
    assert done.returncode == 1 and "there is no bucket 'none-such'" in done.stderr, done.stderr
    name = s3.bucket("batch-empty")
    done = harness.run("batch", "--bucket", f"s3://{name}", "--data", tmp_path, env=s3.environment())
    assert done.returncode == 1 and f"s3://{name} holds no objects" in done.stderr, done.stderr


# ---- Mounts

@pytest.fixture
def mounted(s3, bucket, tmp_path):
    (tmp_path / "key.csv").write_text(
        f"\ufeffUser name,Access key ID,Secret access key\nu,{s3_store.KEY_ID},{s3_store.SECRET}\n")
    harness.succeed(
        "mount", f"s3://{bucket}", "--name", "pins", "--credentials", tmp_path / "key.csv", "--endpoint", s3.url,
        "--region", s3_store.REGION, "--data", tmp_path)
    return tmp_path


def test_a_mount_is_a_bucket(mounted, answers):
    for place in ["/mnt/pins", "dbfs:/mnt/pins/", "/dbfs/mnt/pins"]:
        assert harness.batch("--bucket", place, "--data", mounted)["results"] == answers


@pytest.mark.parametrize("path, rows", [
    ("/mnt/pins/topics/u.pin/partition=0/*.json", 40),
    ("/mnt/pins/topics/u.pin/partition=0//*.json", 40),
    ("/mnt/pins/topics/u.pin/partition=0/", 40),
    ("dbfs:/mnt/pins/topics/*/partition=0/u.pin+0+0000000000.json", 10),
    ("/mnt/pins/topics/**/u.*.json", 120),
    ("/mnt/pins/topics/u.pin/partition=0/u.pin+0+000000002[0-9].json", 10),
])
def test_a_statement_reads_a_mount(mounted, path, rows):
    assert harness.query(f"SELECT count(*) FROM read_json('{path}')", "--data", mounted) == [[rows]]


@pytest.mark.parametrize("scheme", ["s3", "s3a", "s3n"])
def test_a_statement_reads_s3_with_the_key_that_notebooks_write(s3, bucket, tmp_path, scheme):
    secret = urllib.parse.quote(s3_store.SECRET, "")
    path = f"{scheme}://{s3_store.KEY_ID}:{secret}@{bucket}/topics/u.geo/partition=0/*.json"
    env = {"AWS_ENDPOINT_URL": s3.url, "AWS_REGION": s3_store.REGION, "HOME": str(tmp_path)}
    assert harness.query(f"SELECT count(*) FROM read_json('{path}')", "--data", tmp_path, env=env) == [[40]]


def test_partitions_of_the_path_are_columns(mounted):
    sql = "SELECT DISTINCT partition FROM read_json('/mnt/pins/topics/u.pin/partition=0/*.json', hive_partitioning=true)"
    assert harness.query(sql, "--data", mounted) == [[0]]


def test_a_text_that_names_no_file_stays_as_it_is(mounted):
    sql = "SELECT 's3://b/x', count(*) FROM read_json('/mnt/pins/topics/u.pin/*/*.json') WHERE title <> '/mnt/pins'"
    assert harness.query(sql, "--data", mounted) == [["s3://b/x", 40]]


def test_mounts_are_listed_removed_and_kept_private(s3, bucket, mounted):
    table = mounted / "mounts.json"
    assert stat.S_IMODE(table.stat().st_mode) == 0o600
    again = harness.run("mount", f"s3://{bucket}", "--name", "pins", "--data", mounted, env=s3.environment())
    assert again.returncode == 1 and "Directory already mounted: /mnt/pins" in again.stderr
    assert f"/mnt/pins,s3://{bucket},{s3.url}" in harness.succeed("mount", "list", "--data", mounted, "--format", "csv")
    harness.succeed("mount", "remove", "pins", "--data", mounted)
    done = harness.run("query", "--sql", "SELECT * FROM read_json('dbfs:/mnt/pins/x.json')", "--data", mounted)
    assert done.returncode == 1 and "/mnt/pins is not mounted" in done.stderr, done.stderr


def test_the_secret_of_a_notebooks_source_is_kept_and_not_shown(s3, bucket, tmp_path):
    secret = urllib.parse.quote(s3_store.SECRET, "")
    shown = harness.succeed(
        "mount", f"s3n://{s3_store.KEY_ID}:{secret}@{bucket}", "--name", "pins", "--data", tmp_path,
        env={"AWS_ENDPOINT_URL": s3.url, "AWS_REGION": s3_store.REGION})
    shown += harness.succeed("mount", "list", "--data", tmp_path)
    assert s3_store.SECRET not in shown and secret not in shown
    env = {"AWS_ENDPOINT_URL": s3.url, "AWS_REGION": s3_store.REGION, "HOME": str(tmp_path)}
    assert "u.pin" in harness.succeed("bucket", "list", "/mnt/pins", "--data", tmp_path, env=env)


def test_a_mount_that_cannot_be_read_is_not_made(s3, tmp_path):
    done = harness.run("mount", "s3://none-such", "--name", "x", "--data", tmp_path, env=s3.environment())
    assert done.returncode == 1 and "there is no bucket" in done.stderr, done.stderr
    assert not (tmp_path / "mounts.json").exists()


def test_a_folder_may_be_mounted(answers, tmp_path):
    folder = tmp_path / "objects"
    for topic, rows in ROWS.items():
        path = folder / key(topic, 0)
        path.parent.mkdir(parents=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    harness.succeed("mount", folder, "--name", "local", "--data", tmp_path)
    assert harness.batch("--bucket", "/mnt/local", "--data", tmp_path)["results"] == answers
    sql = "SELECT count(*) FROM read_json('/mnt/local/topics/u.pin/*/*.json')"
    assert harness.query(sql, "--data", tmp_path) == [[40]]


# ---- Mounts of the settings file

@pytest.fixture
def settings(s3, bucket, tmp_path):
    (tmp_path / "key.csv").write_text(
        f"User name,Access key ID,Secret access key\nu,{s3_store.KEY_ID},{s3_store.SECRET}\n")
    file = tmp_path / "pinline.yaml"
    file.write_text(
        f"data: {tmp_path}/data\nmounts:\n  pins:\n    source: s3a://{bucket}\n    endpoint: {s3.url}\n"
        f"    region: {s3_store.REGION}\n    credentials: {tmp_path}/key.csv\n  objects: {tmp_path}/objects\n")
    return file


def test_a_mount_of_the_settings_file_is_a_bucket_and_a_path(settings, answers, tmp_path):
    assert harness.batch("--bucket", "/mnt/pins", "--config", settings)["results"] == answers
    for path in ["/mnt/pins/topics/u.pin/partition=0/*.json", "dbfs:/mnt/pins/topics/u.pin/partition=0/"]:
        assert harness.query(f"SELECT count(*) FROM read_json('{path}')", "--config", settings) == [[40]]
    assert "u.pin" in harness.succeed("bucket", "list", "/mnt/pins", "--config", settings)
    shown = harness.succeed("mount", "list", "--config", settings, "--format", "csv")
    assert "/mnt/pins,s3" in shown and f"/mnt/objects,{tmp_path}/objects" in shown
    assert (tmp_path / "data" / "cache").is_dir() and not (tmp_path / "data" / "mounts.json").exists()


def test_a_server_takes_the_file_too(settings, serve, tmp_path):
    assert serve(data=tmp_path / "other", arguments=["--config", settings]).post("t", {"a": 1})


def test_a_name_that_stands_for_two_things_is_refused(settings, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    harness.succeed("mount", tmp_path / "elsewhere", "--name", "pins", "--data", tmp_path / "data")
    done = harness.run("batch", "--bucket", "/mnt/pins", "--config", settings)
    assert done.returncode == 1 and "remove one of the two" in done.stderr, done.stderr


@pytest.mark.parametrize("text, message", [
    ("mounts: s3://b", "mounts must hold names"), ("mounts: {a/b: s3://b}", "no name of a mount"),
    ("mounts: {a: {endpoint: x}}", "has no source"), ("mounts: {a: {source: s3://b, key: x}}", "a mount has"),
    ("mounts: {a: 's3://'}", "named like"),
])
def test_mounts_that_are_none_are_named_with_their_line(tmp_path, text, message):
    (tmp_path / "x.yaml").write_text(text)
    done = harness.run("bucket", "list", "--config", tmp_path / "x.yaml")
    assert done.returncode == 1 and message in done.stderr and "x.yaml:1" in done.stderr, done.stderr
