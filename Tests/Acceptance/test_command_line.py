"""Commands given wrongly, or in a place where they cannot work: one clear message and the right exit code."""
import os
import pathlib
import signal
import socket

import pytest

import harness

COMMANDS = ["serve", "emulate", "batch", "query", "doctor", "version"]
ROWS = {
    f"{harness.USER}.pin": [{"index": 1, "poster_name": "Bored Panda", "follower_count": "2M", "category": "art"}],
    f"{harness.USER}.geo": [{"ind": 1, "timestamp": "2020-08-28 03:52:47", "latitude": 1.5, "longitude": -2.5,
                             "country": "Albania"}],
    f"{harness.USER}.user": [{"ind": 1, "first_name": "Ann", "last_name": "Lee", "age": 20,
                              "date_joined": "2016-01-02 03:04:05"}]}


@pytest.fixture
def bucket(tmp_path):
    return harness.write_bucket(tmp_path / "bucket", ROWS)


def failure(done, code=1):
    """What the command says about its failure: a few lines that no programmer has to explain."""
    assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    message = done.stderr.strip()
    assert message, "it says nothing"
    assert len(message.splitlines()) <= (4 if code == 1 else 20), message
    for trace in ("Fatal error", "Swift runtime", "Stack dump", "Error Domain", "Optional("):
        assert trace not in message
    return message


def serve_fails(*arguments, env=None, timeout=20):
    free = ["--ingest", "127.0.0.1:0", "--kafka", "127.0.0.1:0", "--web", "127.0.0.1:0"]
    for flag in ("--ingest", "--web"):
        if flag in arguments:
            at = free.index(flag)
            del free[at:at + 2]
    return failure(harness.run("serve", *arguments, *free, env=env, timeout=timeout))


# ---- Help and versions

@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    text = harness.succeed(command, "--help")
    assert "USAGE" in text.upper() and f"pinline {command}" in text


def test_the_versions_are_told():
    text = harness.succeed("version")
    assert "pinline" in text.lower() and "duckdb" in text.lower()


def test_the_doctor_finds_nothing_wrong(tmp_path):
    assert "duckdb" in harness.succeed("doctor", "--data", tmp_path / "data").lower()


def test_the_doctor_names_a_missing_library(tmp_path):
    done = harness.run("doctor", "--data", tmp_path / "data", env={"PINLINE_LIBDUCKDB": "/nowhere/libduckdb.so"})
    assert done.returncode == 1
    assert "/nowhere/libduckdb.so" in done.stdout + done.stderr


# ---- Flags

@pytest.mark.parametrize("arguments", [
    ["--nonsense"], ["nonsense"], ["serve", "--nonsense"], ["serve", "--ingest"], ["serve", "--ingest", "nowhere"],
    ["serve", "--web", "127.0.0.1:99999"], ["batch", "--format", "xml"], ["batch", "--threads", "many"],
    ["batch", "--param", "novalue"], ["emulate", "--to", "http://127.0.0.1:1", "--count", "x"],
    ["query"], ["batch", "--engine", "abacus"]], ids=" ".join)
def test_a_wrong_command_line_is_2(arguments, tmp_path):
    failure(harness.run(*arguments, cwd=tmp_path, timeout=20), code=2)


# ---- Batch and query

@pytest.mark.parametrize("command", [["batch"], ["query", "1"]], ids=" ".join)
def test_a_bucket_that_is_not_there(command, tmp_path):
    message = failure(harness.run(*command, "--bucket", tmp_path / "missing"))
    assert str(tmp_path / "missing") in message


@pytest.mark.parametrize("command", [["batch"], ["query", "1"]], ids=" ".join)
def test_a_data_folder_that_is_not_there(command, tmp_path):
    message = failure(harness.run(*command, "--data", tmp_path / "missing"))
    assert str(tmp_path / "missing") in message
    assert not (tmp_path / "missing").exists()


def test_a_bucket_without_rows(tmp_path):
    (tmp_path / "bucket" / "topics").mkdir(parents=True)
    message = failure(harness.run("batch", "--bucket", tmp_path / "bucket"))
    assert str(tmp_path / "bucket") in message


def test_a_bucket_with_one_table_only(tmp_path):
    topic = f"{harness.USER}.pin"
    answer = harness.batch("--bucket", harness.write_bucket(tmp_path / "bucket", {topic: ROWS[topic]}))
    assert answer["rows"] == {"pin": 1, "geo": 0, "users": 0}
    assert all(rows == [] for rows in answer["results"].values())
    assert answer["quality"]["tables"]["pin"]["without_partner"] == {"geo": 1, "users": 1}


def test_empty_objects_are_read_as_such(bucket):
    for topic in ROWS:
        (bucket / "topics" / topic / "partition=0" / f"{topic}+0+0000000001.json").write_bytes(b"")
    assert harness.batch("--bucket", bucket)["rows"] == {"pin": 1, "geo": 1, "users": 1}


def test_an_unknown_query_names_those_there_are(bucket):
    message = failure(harness.run("query", "popular-catgory-by-country", "--bucket", bucket))
    assert "popular-catgory-by-country" in message
    for name in ("popular-category-by-country", "6-per-user", "median-followers-by-age-group-and-join-year"):
        assert name in message


def test_an_unknown_parameter_is_refused(bucket):
    done = harness.run("batch", "--bucket", bucket, "--param", "nonsense=1")
    assert done.returncode in (1, 2)
    assert "nonsense" in failure(done, done.returncode)


@pytest.mark.parametrize("sql", [
    "SELECT nonsense FROM pin", "SELECT 1 FROM nowhere", "SELEKT 1", "SELECT cast('a' AS int)"])
def test_wrong_sql(bucket, sql):
    done = harness.run("query", "--sql", sql, "--bucket", bucket)
    assert done.returncode == 1 and done.stderr.strip()
    assert "Fatal error" not in done.stderr


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_every_format_prints_the_rows(bucket, form):
    text = harness.succeed("query", "1", "--bucket", bucket, "--format", form)
    assert "Albania" in text and "art" in text


def test_a_batch_prints_all_nine_as_tables(bucket):
    text = harness.succeed("batch", "--bucket", bucket, "--format", "table")
    for column in ("category_count", "post_year", "poster_name", "age_group", "median_follower_count", "join_year"):
        assert column in text


def test_no_library_of_duckdb(bucket):
    message = failure(harness.run("batch", "--bucket", bucket, env={"PINLINE_LIBDUCKDB": "/nowhere/libduckdb.so"}))
    assert "/nowhere/libduckdb.so" in message


def test_a_library_that_is_none(bucket, tmp_path):
    library = tmp_path / "libduckdb.so"
    library.write_text("not a library")
    message = failure(harness.run("batch", "--bucket", bucket, env={"PINLINE_LIBDUCKDB": str(library)}))
    assert str(library) in message


def test_no_pipeline(bucket, tmp_path):
    message = failure(harness.run("batch", "--bucket", bucket, "--pipeline", tmp_path / "missing"))
    assert str(tmp_path / "missing") in message


# ---- Serve

def test_a_port_in_use(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = serve_fails("--data", tmp_path / "data", "--ingest", f"127.0.0.1:{port}")
    assert str(port) in message


def test_a_data_folder_where_a_file_is(tmp_path):
    (tmp_path / "file").write_text("")
    message = serve_fails("--data", tmp_path / "file" / "data")
    assert str(tmp_path / "file") in message


def test_a_data_folder_in_use_by_another_server(server):
    message = serve_fails("--data", server.data)
    assert str(server.data) in message
    server.post(f"{harness.USER}.pin", {"index": 1})


def test_an_unknown_setting_stops_the_start(tmp_path):
    (tmp_path / "pinline.yaml").write_text("sink: {flush.sise: 10}\n")
    assert "flush.sise" in serve_fails("--data", tmp_path / "data", "--config", tmp_path / "pinline.yaml")


def test_a_setting_that_is_no_number_stops_the_start(tmp_path):
    message = serve_fails("--data", tmp_path / "data", env={"PINLINE_SINK_FLUSH_SIZE": "many"})
    assert "many" in message


def test_a_settings_file_that_is_not_there(tmp_path):
    message = serve_fails("--data", tmp_path / "data", "--config", tmp_path / "missing.yaml")
    assert str(tmp_path / "missing.yaml") in message


def test_other_addresses_need_a_word_of_consent(tmp_path):
    assert "--insecure" in serve_fails("--data", tmp_path / "data", "--ingest", "0.0.0.0:0")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_cleanly(server, number):
    server.post(f"{harness.USER}.pin", {"index": 1})
    assert server._end(number) == 0, server.log_tail()
    assert not (server.data / "endpoints.json").exists()
    with socket.socket() as probe:
        assert probe.connect_ex((server.host, server.port)) != 0


def test_a_client_gone_early_does_not_end_a_command(bucket):
    # As `pinline batch | head -n 1` does.
    command = f"'{harness.binary()}' batch --bucket '{bucket}' --format table | head -n 1"
    assert os.system(f"PINLINE_PIPELINE='{harness.PIPELINE}' bash -c \"{command} >/dev/null\"") == 0


def test_all_three_endpoints_are_told(server):
    text = pathlib.Path(server.log).read_text()
    assert server.ingest in text and server.web in text
