"""Tables written here, read by delta-rs, Polars, DuckDB's extension and Sail: rows, statistics and history."""
import os
import shutil

import deltalake
import polars
import pyarrow
import pytest

import delta_tables
import harness
import readers

COLUMNS = "i, l, s, y, f, d, m, b, x, day, t, long_text, n, coordinates, who, tags, p"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The tables `plain` and `parts` of the same rows, and the file that these came from."""
    place = tmp_path_factory.mktemp("readers")
    file = delta_tables.write_rows(place / "rows.parquet", delta_tables.EVERY_TYPE)
    delta_tables.add(place, "plain", file, "--batch-rows", 5)
    delta_tables.add(place, "parts", file, "--partition-by", "p,t,b")
    return place


TABLES = ["plain", "parts"]


@pytest.mark.parametrize("name", TABLES)
def test_delta_rs_reads_the_rows(written, name):
    session = readers.duckdb_session()
    session.register("read", deltalake.DeltaTable(written / name).to_pyarrow_table())
    assert delta_tables.differing(session, "read", f"'{written}/rows.parquet'", COLUMNS) == []


@pytest.mark.parametrize("name", TABLES)
def test_polars_reads_the_rows(written, name):
    session = readers.duckdb_session()
    session.register("read", polars.read_delta(str(written / name)).to_arrow())
    assert delta_tables.differing(session, "read", f"'{written}/rows.parquet'", COLUMNS) == []


@pytest.mark.parametrize("name", TABLES)
def test_duckdbs_extension_reads_the_rows(written, name):
    session = readers.duckdb_with_delta()
    scan = f"delta_scan('{written}/{name}')"
    assert delta_tables.differing(session, scan, f"'{written}/rows.parquet'", COLUMNS) == []
    # Skips files by their statistics.
    assert session.execute(f"SELECT count(*) FROM {scan} WHERE i >= 57 AND t > TIMESTAMPTZ '2020-01-01 00:58:00Z'").fetchone() == (2,)


def test_sail_reads_the_rows(written):
    with readers.sail() as spark:
        for name in TABLES:
            frame = spark.read.format("delta").load(str(written / name))
            rows = frame.selectExpr("count(*)", "sum(l)", "sum(size(coordinates))", "count(n)", "max(t)").collect()
            assert rows[0][:4] == (60, sum(range(60)) * 10**10, 180, 57)
            assert str(rows[0][4]).startswith("2020-01-01 00:59:00.123456")
            plain = "i, l, s, y, f, d, m, b, day, long_text, n, coordinates, p"
            wanted = readers.duckdb_session().execute(f"SELECT {plain} FROM '{written}/rows.parquet' ORDER BY i").fetchall()
            assert [tuple(row) for row in frame.orderBy("i").selectExpr(*plain.split(", ")).collect()] == wanted
            some = frame.where("i = 31").collect()[0]
            assert (some["p"], some["n"], some["coordinates"]) == ("a/b=c ä:%[", "a", [31.0, None, 2.5])


def test_statistics_are_those_of_the_rows(written):
    table = deltalake.DeltaTable(written / "plain")
    adds = pyarrow.table(table.get_add_actions(flatten=True)).to_pylist()
    session = readers.duckdb_session()
    for add in adds:
        rows = session.execute(
            f"SELECT count(*), min(i), max(i), min(d), max(d), min(day), max(day), count(*) - count(n), min(m), max(m), "
            f"min(who.a), max(who.a), min(t)::VARCHAR, max(t)::VARCHAR FROM '{written}/plain/{add['path']}'").fetchone()
        names = ["num_records", "min.i", "max.i", "min.d", "max.d", "min.day", "max.day", "null_count.n", "min.m", "max.m",
                 "min.who.a", "max.who.a"]
        assert [add[name] for name in names] == list(rows[:12])
        # To the millisecond, outwards.
        assert str(add["min.t"])[:23] == rows[12][:23] and add["min.t"] <= add["max.t"]
        longest = session.execute(f"SELECT min(long_text), max(long_text) FROM '{written}/plain/{add['path']}'").fetchone()
        assert add["min.long_text"] <= longest[0] and longest[1] <= add["max.long_text"]
        assert len(add["max.long_text"]) <= 32
    assert sum(add["num_records"] for add in adds) == 60


def test_the_history_names_each_commit(written):
    history = deltalake.DeltaTable(written / "plain").history()
    assert [entry["version"] for entry in history] == list(range(12, -1, -1))
    assert {entry["operation"] for entry in history} == {"WRITE", "CREATE TABLE"}
    assert history[0]["operationMetrics"]["numOutputRows"] == "5"


def test_the_checkpoint_stands_for_the_commits_before_it(written, tmp_path):
    table = tmp_path / "plain"
    shutil.copytree(written / "plain", table)
    assert (table / "_delta_log" / f"{10:020}.checkpoint.parquet").exists()
    for version in range(10):
        os.remove(table / "_delta_log" / f"{version:020}.json")
    expected = f"'{written}/rows.parquet'"
    session = readers.duckdb_with_delta()
    assert delta_tables.differing(session, f"delta_scan('{table}')", expected, COLUMNS) == []
    session.register("read", deltalake.DeltaTable(table).to_pyarrow_table())
    assert delta_tables.differing(session, "read", expected, COLUMNS) == []
    assert polars.read_delta(str(table)).height == 60
    # And for ourselves.
    delta_tables.add(tmp_path, "plain", written / "rows.parquet")
    assert deltalake.DeltaTable(table).to_pyarrow_table().num_rows == 120


def test_a_store_of_s3_holds_the_same(s3, written, tmp_path):
    bucket = s3.bucket("delta-tables")
    place = f"s3://{bucket}/tables"
    for turn in range(2):
        delta_tables.add(place, "plain", tmp_path_file(written, tmp_path), "--batch-rows", 5, "--txn-app", "t",
                         "--txn-version", 1, env=s3.environment())
    keys = s3.objects(bucket)
    assert f"tables/plain/_delta_log/{10:020}.checkpoint.parquet" in keys
    for key, content in keys.items():
        path = tmp_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    read = deltalake.DeltaTable(tmp_path / "tables" / "plain")
    assert (read.version(), read.to_pyarrow_table().num_rows) == (12, 60)


def tmp_path_file(written, tmp_path):
    return shutil.copy(written / "rows.parquet", tmp_path / "rows.parquet")


def test_a_table_that_needs_more_is_refused_by_the_features_name(tmp_path):
    data = pyarrow.table({"a": [1, 2, 3]})
    deltalake.write_deltalake(tmp_path / "t", data, configuration={"delta.enableChangeDataFeed": "true"})
    table = deltalake.DeltaTable(tmp_path / "t")
    table.alter.add_feature(deltalake.TableFeatures.DeletionVectors, allow_protocol_versions_increase=True)
    file = delta_tables.write_rows(tmp_path / "rows.parquet", "SELECT 4 AS a")
    done = harness.run("tables", "import", "t", file, "--tables", tmp_path, "--data", tmp_path / "data")
    assert done.returncode == 1
    assert "'deletionVectors'" in done.stderr
