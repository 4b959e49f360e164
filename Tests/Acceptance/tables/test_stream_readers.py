"""The server's own tables of the real log, read by delta-rs, Polars, DuckDB's extension and Sail: rows, statistics, history."""
import json

import polars
import pyarrow
import pytest

import harness
import readers
import real_rows
from stream_tables import QUICK_TABLES, TABLES, as_text, flush, rows, table

TOPICS = {"pin": f"{harness.USER}.pin", "geo": f"{harness.USER}.geo", "user": f"{harness.USER}.user"}


@pytest.fixture(scope="module")
def data(shared_serve):
    """The data folder of a server that took the real log in parts, so that each table has several commits."""
    server = shared_serve(env=QUICK_TABLES)
    posts = real_rows.post_log()
    for start in range(0, len(posts), 150):
        for kind, topic in TOPICS.items():
            server.post_all(topic, [post[kind] for post in posts[start:start + 150]])
        flush(server)
    assert server.stop() == 0
    return server.data


def texts(read):
    columns = read.to_pydict()
    return sorted(as_text(list(columns), row) for row in zip(*columns.values()))


@pytest.mark.parametrize("name", TABLES)
def test_polars_reads_what_delta_rs_reads(data, name):
    assert len(rows(data, name)) == 2019
    assert texts(polars.read_delta(str(data / "tables" / name)).to_arrow()) == rows(data, name)


@pytest.mark.parametrize("name", TABLES)
def test_duckdbs_extension_reads_what_delta_rs_reads(data, name):
    session = readers.duckdb_with_delta()
    read = session.execute(f"SELECT * FROM delta_scan('{data}/tables/{name}')").to_arrow_table()
    assert texts(read) == rows(data, name)


def test_sail_reads_what_delta_rs_reads(data):
    with readers.sail() as spark:
        for name in TABLES:
            frame = spark.read.format("delta").load(str(data / "tables" / name))
            assert texts(frame.toArrow()) == rows(data, name)


@pytest.mark.parametrize("name", TABLES)
def test_every_file_has_the_statistics_of_its_rows(data, name):
    session = readers.duckdb_session()
    actions = pyarrow.table(table(data, name).get_add_actions()).to_pylist()
    assert actions
    for add in actions:
        file = f"'{data}/tables/{name}/{add['path']}'"
        assert add["num_records"] == session.execute(f"SELECT count(*) FROM {file}").fetchone()[0]
        assert {"ind"} < set(add["min"]) == set(add["max"])
        for column, least in add["min"].items():
            least_there, most_there, nulls = session.execute(
                f'SELECT min("{column}"), max("{column}"), count(*) - count("{column}") FROM {file}').fetchone()
            assert add["null_count"][column] == nulls
            most = add["max"][column]
            if least_there is None:
                assert (least, most) == (None, None)
            elif isinstance(least_there, (str, int)):
                # Long texts are cut, outwards.
                assert least <= least_there and most_there <= most
                assert isinstance(least_there, str) or (least, most) == (least_there, most_there)


@pytest.mark.parametrize("name", TABLES)
def test_the_history_accounts_for_every_row(data, name):
    history = table(data, name).history()
    assert [entry["version"] for entry in history] == list(range(len(history) - 1, -1, -1))
    assert len(history) > 5
    written = [entry for entry in history if entry["operation"] in ("WRITE", "STREAMING UPDATE")]
    assert sum(int(entry["operationMetrics"]["numOutputRows"]) for entry in written) == 2019
    told = json.loads(harness.succeed("tables", "history", name, "--data", data, "--format", "json"))
    assert [(h["version"], h["operation"]) for h in told] == [(h["version"], h["operation"]) for h in history]
