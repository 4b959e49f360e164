"""`pinline tables`, `query` and `sql` over Delta tables that delta-rs wrote, in a folder and in S3."""
import csv
import datetime
import hashlib
import io
import json
import os
import subprocess

import deltalake
import pyarrow
import pyarrow.parquet
import pytest

import harness
import s3_store

UTC = datetime.timezone.utc


def rows(start, count):
    return pyarrow.table({
        "ind": pyarrow.array(range(start, start + count), pyarrow.int64()),
        "title": [f"t{i}" if i % 3 else None for i in range(start, start + count)],
        "follower_count": pyarrow.array([i * 1000 for i in range(start, start + count)], pyarrow.int64()),
        "at": pyarrow.array(
            [datetime.datetime(2026, 1, 1, tzinfo=UTC) + datetime.timedelta(hours=i) for i in range(start, start + count)],
            pyarrow.timestamp("us", "UTC")),
        "coordinates": [[i + 0.5, -i + 0.25] for i in range(start, start + count)],
    })


@pytest.fixture
def data(tmp_path):
    """Three versions of `pin` with 10, 15 and 20 rows."""
    folder = tmp_path / "data"
    table = folder / "tables" / "pin"
    table.mkdir(parents=True)
    for start, count in [(0, 10), (10, 5), (15, 5)]:
        deltalake.write_deltalake(str(table), rows(start, count), mode="append")
    return folder


def tables(command, *arguments, data, **options):
    return json.loads(
        harness.succeed("tables", command, *arguments, "--data", data, "--format", "json", **options))


def sql(text, data, *flags, **options):
    return harness.query(text, "--data", data, *flags, **options)


# ---- What there is

def test_list_describe_and_history_say_what_delta_rs_says(data):
    table = deltalake.DeltaTable(str(data / "tables" / "pin"))
    (listed,) = tables("list", data=data)
    assert (listed["table"], listed["version"], listed["files"]) == ("pin", table.version(), len(table.file_uris()))
    assert listed["bytes"] == sum(pyarrow.table(table.get_add_actions())["size_bytes"].to_pylist())
    columns = tables("describe", "pin", data=data)
    assert [(c["column"], c["type"]) for c in columns] == [
        ("ind", "long"), ("title", "string"), ("follower_count", "long"), ("at", "timestamp"),
        ("coordinates", "array<double>")]
    details = {r["what"]: r["value"] for r in tables("describe", "PIN", "--details", data=data)}
    assert details["rows"] == "20" and details["version"] == "2" and details["id"] == table.metadata().id
    history = tables("history", "pin", data=data)
    theirs = table.history()
    assert [(h["version"], h["operation"]) for h in history] == [(2, "WRITE"), (1, "WRITE"), (0, "WRITE")]
    assert len(theirs) == 3 and "mode=Append" in history[0]["parameters"]
    assert [h["version"] for h in tables("history", "pin", "--limit", "1", data=data)] == [2]


def test_compact_merges_files_and_delta_rs_reads_the_same_rows(data):
    path = str(data / "tables" / "pin")
    before = deltalake.DeltaTable(path).to_pyarrow_table().sort_by("ind")
    (row,) = tables("compact", "pin", data=data)
    assert (row["files_before"], row["files_after"]) == (3, 1)
    after = deltalake.DeltaTable(path)
    assert after.version() == row["version"] and len(after.file_uris()) == 1
    assert after.to_pyarrow_table().sort_by("ind").to_pylist() == before.to_pylist()
    assert sql("SELECT count(*), sum(ind) FROM pin", data) == [[20, 190]]
    assert sql("SELECT count(*) FROM pin AT (VERSION => 2)", data) == [[20]]


def test_vacuum_deletes_what_no_kept_version_needs(data):
    tables("compact", "pin", data=data)
    files = sorted(p.name for p in (data / "tables" / "pin").glob("*.parquet"))
    assert tables("vacuum", "pin", data=data) == []
    refused = harness.run("tables", "vacuum", "pin", "--retention", "0s", "--data", data)
    assert refused.returncode == 1 and "retention" in refused.stderr, refused.stderr
    would = tables("vacuum", "pin", "--retention", "0s", "--force", "--dry-run", data=data)
    assert len(would) == 3 and sorted(p.name for p in (data / "tables" / "pin").glob("*.parquet")) == files
    done = tables("vacuum", "pin", "--retention", "0s", "--force", data=data)
    assert [r["deleted"] for r in done] == [r["would_delete"] for r in would]
    assert len(list((data / "tables" / "pin").glob("*.parquet"))) == 1
    assert sql("SELECT count(*) FROM pin", data) == [[20]]


@pytest.mark.parametrize("ending", ["csv", "parquet", "ndjson"])
def test_export_writes_what_is_in_the_table(data, tmp_path, ending):
    target = tmp_path / f"out.{ending}"
    assert "20 rows" in harness.succeed("tables", "export", "pin", target, "--data", data)
    if ending == "parquet":
        found = pyarrow.parquet.read_table(target).to_pylist()
    elif ending == "ndjson":
        found = [json.loads(line) for line in target.read_text().splitlines()]
    else:
        found = list(csv.DictReader(io.StringIO(target.read_text())))
    assert sorted(int(r["ind"]) for r in found) == list(range(20))
    assert {r["title"] or None for r in found} == {f"t{i}" for i in range(20) if i % 3} | {None}
    again = harness.run("tables", "export", "pin", target, "--data", data)
    assert again.returncode == 1 and "--overwrite" in again.stderr
    old = harness.succeed("tables", "export", "pin", target, "--overwrite", "--version", "0", "--data", data)
    assert "10 rows" in old
    assert not list(tmp_path.glob("*.partial"))


def test_export_of_all_goes_into_a_folder(data, tmp_path):
    deltalake.write_deltalake(str(data / "tables" / "geo"), rows(0, 3))
    harness.succeed("tables", "export", "--all", tmp_path / "out", "--format", "csv", "--data", data)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["geo.csv", "pin.csv"]


# ---- Queries

def test_a_statement_asks_the_tables_and_their_versions(data):
    assert sql("SELECT count(*), max(ind) FROM pin", data) == [[20, 19]]
    assert sql("SELECT count(*) FROM pin AT (VERSION => 0)", data) == [[10]]
    assert sql("SELECT pin.ind FROM pin AT (VERSION => 1) WHERE pin.ind > 13", data) == [[14]]
    joined = """
        SELECT count(*) FROM pin AT (VERSION => 2) AS new /* the newest */
        LEFT JOIN pin AT (VERSION => 0) old USING (ind) WHERE old.ind IS NULL AND 'pin AT (VERSION => 9)' <> ''"""
    assert sql(joined, data) == [[10]]
    types = sql('SELECT DISTINCT typeof("at"), typeof(coordinates) FROM pin', data)
    assert types == [["TIMESTAMP", "DOUBLE[]"]]


def test_a_statement_asks_a_table_as_it_was_at_a_time(data):
    # A commit's time is its file's. Those of the fixture may lie within one millisecond.
    for version, count in [(0, 10), (1, 15), (2, 20)]:
        at = 1_700_000_000 + version
        os.utime(data / "tables" / "pin" / "_delta_log" / f"{version:020}.json", (at, at))
    for version, count in [(0, 10), (1, 15), (2, 20)]:
        for milliseconds in (0, 1, 999):
            moment = datetime.datetime.fromtimestamp(1_700_000_000 + version, UTC)
            text = f"{moment:%Y-%m-%d %H:%M:%S}.{milliseconds:03}"
            assert sql(f"SELECT count(*) FROM pin AT (TIMESTAMP => '{text}')", data) == [[count]], text
    early = harness.run("query", "--sql", "SELECT 1 FROM pin AT (TIMESTAMP => '2001-01-01')", "--data", data)
    assert early.returncode == 1 and early.stderr.count("\n") == 1, early.stderr


@pytest.mark.parametrize("text, message", [
    ("SELECT * FROM pin AT (VERSION => 99)", "99"), ("SELECT * FROM pin AT (VERSION => x)", "takes VERSION"),
    ("SELECT * FROM pin AT (TIMESTAMP => 'soon')", "is no time"),
    ("SELECT * FROM nothing AT (VERSION => 1)", "There is no table nothing"), ("SELECT x FROM pin", "x"),
])
def test_what_cannot_be_asked_is_named_in_one_line(data, text, message):
    done = harness.run("query", "--sql", text, "--data", data)
    assert done.returncode == 1 and message in done.stderr and done.stderr.count("\n") == 1, done.stderr


@pytest.mark.parametrize("command, message", [
    (["history", "nothing"], "There is no table nothing"), (["describe", "pin", "--version", "77"], "77"),
    (["list", "--tables", "/no/such/folder"], "there is no folder"), (["export", "pin", "x.what"], "--format"),
])
def test_commands_name_what_is_wrong(data, command, message):
    done = harness.run("tables", *command, "--data", data)
    assert done.returncode == 1 and message in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_a_table_that_asks_too_much_is_refused_by_name(data):
    log = data / "tables" / "odd" / "_delta_log"
    log.mkdir(parents=True)
    commit = [
        {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["v9"], "writerFeatures": ["v9"]}},
        {"metaData": {"id": "x", "format": {"provider": "parquet", "options": {}}, "partitionColumns": [],
                      "schemaString": json.dumps({"type": "struct", "fields": []}), "configuration": {}}}]
    (log / f"{0:020}.json").write_text("".join(json.dumps(line) + "\n" for line in commit))
    done = harness.run("query", "--sql", "SELECT * FROM odd", "--data", data)
    assert done.returncode == 1 and "v9" in done.stderr, done.stderr


# ---- The prompt

def prompt(text, data, *flags):
    return subprocess.run(
        [str(harness.binary()), "sql", "--data", str(data), *flags], input=text, env=harness.environment(),
        capture_output=True, text=True, timeout=60)


def test_the_prompt_answers_statements_over_lines(data):
    done = prompt(
        ".tables\nSELECT count(*) AS n\n  FROM pin; SELECT ';' AS x;\n\n-- a comment;\n"
        "SELECT count(*) AS old FROM pin AT (VERSION => 0);\n.help\n.quit\nSELECT 1;\n", data, "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("pin\nn\n20\nx\n;\nold\n10\nSELECT …;"), done.stdout
    assert "sql>" not in done.stdout


def test_the_prompt_goes_on_after_a_mistake_and_ends_with_1(data):
    done = prompt("SELECT nonsense FROM pin;\n.what\nSELECT 7 AS n;\nSELECT 8", data, "--format", "csv")
    assert done.returncode == 1
    assert done.stdout == "n\n7\n"
    assert [word in done.stderr for word in ["nonsense", ".what", "does not end"]] == [True] * 3


def test_the_prompt_sees_rows_that_come_between_statements(data):
    process = subprocess.Popen(
        [str(harness.binary()), "sql", "--data", str(data), "--format", "csv"], env=harness.environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        for start, total in [(20, 25), (25, 30)]:
            deltalake.write_deltalake(str(data / "tables" / "pin"), rows(start, 5), mode="append")
            process.stdin.write("SELECT count(*) AS n FROM pin;\n")
            process.stdin.flush()
            assert [process.stdout.readline() for _ in range(2)] == ["n\n", f"{total}\n"]
    finally:
        process.stdin.close()
        process.wait(20)


# ---- S3

@pytest.fixture
def remote(s3, request):
    name = s3.bucket("tables-" + hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:20])
    options = {
        "AWS_ACCESS_KEY_ID": s3_store.KEY_ID, "AWS_SECRET_ACCESS_KEY": s3_store.SECRET, "AWS_REGION": s3_store.REGION,
        "AWS_ENDPOINT_URL": s3.url, "AWS_ALLOW_HTTP": "true", "aws_conditional_put": "etag"}
    for start, count in [(0, 10), (10, 5)]:
        deltalake.write_deltalake(
            f"s3://{name}/deep/tables/pin", rows(start, count), mode="append", storage_options=options,
            partition_by=["title"])
    return f"s3://{name}/deep/tables"


def test_tables_in_s3_are_asked_by_way_of_the_cache(s3, remote, tmp_path):
    place = ["--tables", remote, "--data", tmp_path]
    env = s3.environment()
    (listed,) = json.loads(harness.succeed("tables", "list", *place, "--format", "json", env=env))
    assert (listed["table"], listed["version"]) == ("pin", 1)
    assert harness.query("SELECT count(*), sum(ind) FROM pin", *place, env=env) == [[15, 105]]
    found = harness.query(
        "SELECT new.title FROM pin AT (VERSION => 1) new ANTI JOIN pin AT (VERSION => 0) old USING (ind) ORDER BY new.ind",
        *place, env=env)
    assert found == [[f"t{i}" if i % 3 else None] for i in range(10, 15)]
    assert len(list((tmp_path / "cache" / "objects").iterdir())) > 0
    assert [p.name for p in (tmp_path / "cache" / "readers").iterdir()] == [".lock"]
    done = harness.run("tables", "history", "nothing", *place, env=env)
    assert done.returncode == 1 and "there are pin" in done.stderr, done.stderr


# ---- Agreeing

BUCKET = {
    "u.pin": [{"index": i, "unique_id": f"id{i}", "title": f"t{i}", "description": "d", "poster_name": f"p{i % 7}",
               "follower_count": f"{i}k", "tag_list": "a,b", "is_image_or_video": "image", "image_src": "x",
               "downloaded": 1, "save_location": "Local save in /data/x", "category": ["art", "food"][i % 2]}
              for i in range(40)],
    "u.geo": [{"ind": i, "timestamp": f"20{18 + i % 5}-01-02T03:04:05", "latitude": 1.5, "longitude": 2.5,
               "country": ["Peru", "Chile"][i % 2]} for i in range(40)],
    "u.user": [{"ind": i, "first_name": f"A{i}", "last_name": "B", "age": 20 + i,
                "date_joined": f"20{15 + i % 6}-01-02T03:04:05"} for i in range(40)],
}
TYPES = {
    "pin": {"ind": pyarrow.int64(), "follower_count": pyarrow.int64()},
    "geo": {"ind": pyarrow.int64(), "coordinates": pyarrow.list_(pyarrow.float64()),
            "timestamp": pyarrow.timestamp("us", "UTC")},
    "users": {"ind": pyarrow.int64(), "age": pyarrow.int64(), "date_joined": pyarrow.timestamp("us", "UTC")},
}


@pytest.fixture
def both(tmp_path):
    """A bucket, and tables with its cleaned rows that delta-rs wrote."""
    folder = tmp_path / "both"
    harness.write_bucket(folder / "bucket", BUCKET)
    (folder / "tables").mkdir()
    for name, types in TYPES.items():
        found = json.loads(harness.succeed(
            "query", "--sql", f"SELECT * FROM {name}", "--from", "bucket", "--data", folder, "--format", "json"))
        columns = {}
        for column in found[0]:
            kind = types.get(column, pyarrow.string())
            values = [row[column] for row in found]
            if pyarrow.types.is_timestamp(kind):
                values = [datetime.datetime.fromisoformat(value).replace(tzinfo=UTC) for value in values]
            columns[column] = pyarrow.array(values, kind)
        deltalake.write_deltalake(str(folder / "tables" / name), pyarrow.table(columns))
    return folder


def test_tables_and_bucket_give_equal_answers(both):
    done = harness.succeed("tables", "agree", "--data", both)
    assert done == "tables and bucket agree on 9 queries\n"
    for name in ["1", "5", "9"]:
        answers = [sorted(map(str, harness.query(name, "--data", both, "--from", place))) for place in ["tables", "bucket"]]
        assert answers[0] == answers[1] != []


def test_what_differs_is_shown_and_ends_with_1(both):
    deltalake.DeltaTable(str(both / "tables" / "pin")).update(
        predicate="ind = 39", updates={"follower_count": "7000000"})
    deltalake.DeltaTable(str(both / "tables" / "geo")).delete("ind = 3")
    done = harness.run("tables", "agree", "--data", both, "--format", "json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert found["agrees"] is False and len(found["queries"]) == 9
    subjects = {d["subject"]: d for d in found["differences"]}
    assert subjects["geo"]["only_in_tables"] == [[39]] and subjects["geo"]["only_in_bucket"] == [[40]]
    assert "3" in subjects
    text = harness.run("tables", "agree", "--data", both)
    assert text.returncode == 1 and "only tables:" in text.stdout and "only bucket:" in text.stdout


def test_queries_ask_the_bucket_where_it_is_named_or_raw_rows_are(both):
    deltalake.DeltaTable(str(both / "tables" / "pin")).delete("ind = 3")
    count = "SELECT count(*) FROM pin"
    assert sql(count, both) == [[39]]
    assert sql(count, both, "--from", "bucket") == [[40]]
    assert sql(count, both, "--bucket", both / "bucket") == [[40]]
    assert sql("SELECT count(*) FROM pin_raw", both) == [[40]]
    done = harness.run("query", "1", "--from", "tables", "--bucket", both / "bucket")
    assert done.returncode == 2 and "--from" in done.stderr


def test_a_table_without_rows_yet_is_empty(both):
    import shutil
    shutil.rmtree(both / "tables" / "users")
    assert sql("SELECT count(*) FROM users", both) == [[0]]
    assert sql("SELECT count(*) FROM pin ANTI JOIN users USING (ind)", both) == [[40]]
