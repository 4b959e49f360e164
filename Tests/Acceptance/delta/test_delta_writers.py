"""Several writers of one table, one of them delta-rs, and writers that are killed between two steps."""
import concurrent.futures
import os
import signal

import deltalake
import pyarrow
import pytest

import delta_tables
import harness
import readers

COMMITS = 100


def numbers(table):
    return sorted(deltalake.DeltaTable(table).to_pyarrow_table()["a"].to_pylist())


def test_a_table_of_delta_rs_is_continued_here_and_there_again(tmp_path):
    table = tmp_path / "t"
    schema = pyarrow.schema([("a", pyarrow.int64()), ("t", pyarrow.timestamp("us")), ("z", pyarrow.timestamp("us", "UTC"))])

    def rows(*values):
        return pyarrow.table({"a": values, "t": [0] * len(values), "z": [0] * len(values)}, schema)

    for number in range(12):
        deltalake.write_deltalake(table, rows(number), mode="append", partition_by=[])
    deltalake.DeltaTable(table).create_checkpoint()
    deltalake.write_deltalake(table, rows(12), mode="append")
    file = delta_tables.write_rows(
        tmp_path / "rows.parquet", "SELECT 13 + i AS a, epoch_ms(0) AS t, epoch_ms(0)::TIMESTAMPTZ AS z FROM range(12) r(i)")
    delta_tables.add(tmp_path, "t", file, "--batch-rows", 1)
    deltalake.write_deltalake(table, rows(25), mode="append")
    deltalake.DeltaTable(table).create_checkpoint()
    assert numbers(table) == list(range(26))
    delta_tables.add(tmp_path, "t", delta_tables.write_rows(tmp_path / "last.parquet", "SELECT 26 AS a"))
    read = deltalake.DeltaTable(table).to_pyarrow_table()
    assert sorted(read["a"].to_pylist()) == list(range(27))
    assert set(read["t"].to_pylist()[1:] + read["z"].to_pylist()[1:]) != {None}


def test_two_writers_race_and_no_commit_is_lost(tmp_path):
    ours = f"SELECT i AS a FROM range({COMMITS}) r(i)"
    file = delta_tables.write_rows(tmp_path / "rows.parquet", ours)
    first = delta_tables.write_rows(tmp_path / "first.parquet", "SELECT -1::BIGINT AS a")
    delta_tables.add(tmp_path, "t", first)
    table = str(tmp_path / "t")

    def theirs():
        for number in range(COMMITS):
            deltalake.write_deltalake(
                table, pyarrow.table({"a": [COMMITS + number]}), mode="append",
                commit_properties=deltalake.CommitProperties(max_commit_retries=1000))

    with concurrent.futures.ThreadPoolExecutor() as pool:
        other = pool.submit(theirs)
        told = delta_tables.add(tmp_path, "t", file, "--batch-rows", 1)
        other.result()
    assert len(told) == COMMITS
    assert numbers(table) == [-1, *range(2 * COMMITS)]
    names = [entry["operation"] for entry in deltalake.DeltaTable(table).history()]
    assert names.count("WRITE") == 2 * COMMITS + 1
    assert delta_tables.versions(table) == list(range(len(names)))


@pytest.mark.parametrize("fault", [
    "delta.after-data:3", "delta.before-commit:3", "delta.after-commit:3", "delta.during-checkpoint:1",
    "delta.during-compaction:1"])
def test_a_writer_that_is_killed_loses_nothing_and_writes_nothing_twice(tmp_path, fault):
    file = delta_tables.write_rows(tmp_path / "rows.parquet", "SELECT i AS a FROM range(20) r(i)")
    arguments = ["tables", "import", "t", file, "--tables", tmp_path, "--data", tmp_path / "data", "--batch-rows", 1,
                 "--txn-app", "file", "--txn-version", 1]
    killed = harness.run(*arguments, env={"PINLINE_FAULT": fault})
    assert killed.returncode == -signal.SIGKILL
    table = tmp_path / "t"
    before = [version for version in delta_tables.versions(table)]
    for version in before:
        rows = deltalake.DeltaTable(table, version=version).to_pyarrow_table()["a"].to_pylist()
        assert sorted(rows) == list(range(len(rows)))
    harness.succeed(*arguments)
    assert numbers(table) == list(range(20))
    harness.succeed(*arguments)
    assert numbers(table) == list(range(20))
    session = readers.duckdb_with_delta()
    assert session.execute(f"SELECT count(*), count(DISTINCT a) FROM delta_scan('{table}')").fetchone() == (20, 20)


def test_random_kills_leave_each_row_once(tmp_path):
    file = delta_tables.write_rows(tmp_path / "rows.parquet", "SELECT i AS a FROM range(200) r(i)")
    arguments = ["tables", "import", "t", file, "--tables", tmp_path, "--data", tmp_path / "data", "--batch-rows", 1,
                 "--txn-app", "file"]
    points = ["after-data", "before-commit", "after-commit", "during-checkpoint", "during-compaction"]
    for turn in range(10):
        fault = f"delta.{points[turn % len(points)]}:{1 + turn * 7 % 11}"
        assert harness.run(*arguments, env={"PINLINE_FAULT": fault}).returncode in (0, -signal.SIGKILL)
    harness.succeed(*arguments)
    assert numbers(tmp_path / "t") == list(range(200))


def test_a_vacuum_that_is_killed_leaves_every_row_and_is_finished_by_the_next(tmp_path):
    file = delta_tables.write_rows(tmp_path / "rows.parquet", "SELECT i AS a FROM range(10) r(i)")
    delta_tables.add(tmp_path, "t", file, "--batch-rows", 1)
    place = ["--tables", tmp_path, "--data", tmp_path / "data"]
    harness.succeed("tables", "compact", "t", *place)
    table = tmp_path / "t"

    def files():
        return len(list(table.glob("*.parquet")))

    vacuum = ["tables", "vacuum", "t", "--retention", "0s", "--force", *place]
    for deletion in [1, 4]:
        before = files()
        killed = harness.run(*vacuum, env={"PINLINE_FAULT": f"delta.during-vacuum:{deletion}"})
        assert killed.returncode == -signal.SIGKILL
        assert files() == before - deletion + 1
        assert numbers(table) == list(range(10))
    harness.succeed(*vacuum)
    assert files() == 1
    assert numbers(table) == list(range(10))


def test_columns_are_added_and_widened(tmp_path):
    one = delta_tables.write_rows(tmp_path / "one.parquet", "SELECT 1::INT AS a, 'x' AS p")
    two = delta_tables.write_rows(tmp_path / "two.parquet", "SELECT 9000000000 AS a, 'x' AS p, 1.5 AS b")
    delta_tables.add(tmp_path, "t", one, "--partition-by", "p")
    refused = harness.run("tables", "import", "t", two, "--tables", tmp_path, "--data", tmp_path / "data")
    assert refused.returncode == 1 and "column" in refused.stderr
    delta_tables.add(tmp_path, "t", two, "--evolve")
    table = deltalake.DeltaTable(tmp_path / "t")
    assert {field.name: field.type.type for field in table.schema().fields[:2]} == {"a": "long", "p": "string"}
    assert sorted(table.to_pyarrow_table()["a"].to_pylist()) == [1, 9000000000]
    session = readers.duckdb_with_delta()
    assert session.execute(f"SELECT a, b FROM delta_scan('{tmp_path}/t') ORDER BY a").fetchall()[0] == (1, None)


def test_small_files_are_merged_by_themselves(tmp_path):
    file = delta_tables.write_rows(tmp_path / "rows.parquet", "SELECT i AS a FROM range(64) r(i)")
    delta_tables.add(tmp_path, "t", file, "--batch-rows", 1)
    table = deltalake.DeltaTable(tmp_path / "t")
    assert len(table.file_uris()) <= 16
    assert numbers(tmp_path / "t") == list(range(64))
    merges = [entry for entry in table.history() if entry["operation"] == "OPTIMIZE"]
    assert merges and all(entry["operationMetrics"]["numRemovedFiles"] == "16" for entry in merges)
    # Older versions can still be read.
    assert deltalake.DeltaTable(tmp_path / "t", version=3).to_pyarrow_table().num_rows == 3
    assert os.listdir(tmp_path / "t")
