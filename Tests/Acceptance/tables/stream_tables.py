"""The tables that a server keeps, as delta-rs reads them."""
import datetime
import json
import pathlib
import re

import deltalake
import requests

import harness

TABLES = ("pin", "geo", "users")
# A short wait between commits gives a test more of them.
QUICK_TABLES = {"PINLINE_STREAM_FRESHNESS_MS": "100"}


def flush(server, seconds=60):
    """Waits until the tables hold all that was acknowledged; their versions."""
    answer = requests.post(f"http://{server.web}/tables/flush?timeout={seconds}", timeout=seconds + 10)
    told = answer.json()
    assert answer.status_code == 200 and told["committed"], f"{answer.text}\n{server.log_tail()}"
    return {name: table["version"] for name, table in told["tables"].items()}


def table(data, name, version=None):
    return deltalake.DeltaTable(str(pathlib.Path(data) / "tables" / name), version=version)


def plain(value):
    """A value as one text, whichever program read it."""
    if isinstance(value, datetime.datetime):
        text = value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")
        return text + "Z"
    if isinstance(value, list):
        return [plain(v) for v in value]
    return float(value) if isinstance(value, float) else value


def as_text(names, row):
    """A row's values by the names of their columns; whole numbers count the same with and without a point."""
    values = {name: plain(value) for name, value in zip(names, row)}
    if isinstance(values.get("coordinates"), list):
        values["coordinates"] = [None if v is None else float(v) for v in values["coordinates"]]
    return json.dumps(values, sort_keys=True)


def rows(data, name, version=None):
    """Every row of a table, sorted."""
    read = table(data, name, version).to_pyarrow_table().to_pydict()
    names = list(read)
    return sorted(as_text(names, row) for row in zip(*read.values()))


def batch_rows(name, *where):
    """What the batch job makes of objects, in the same form."""
    told = json.loads(harness.succeed(
        "query", "--sql", f"SELECT * FROM {name} WHERE true", *where, "--format", "json"))
    names = told["columns"] if isinstance(told, dict) and "columns" in told else None
    found = told["rows"] if isinstance(told, dict) else told
    if found and isinstance(found[0], dict):
        return sorted(as_text(list(row), row.values()) for row in found)
    return sorted(as_text(names, row) for row in found)


def every_version_can_be_read(data, name):
    """Opens each version, whose files must be there, and reads some; a later one never has fewer rows."""
    before = 0
    last = table(data, name).version()
    for version in range(last + 1):
        opened = table(data, name, version)
        for path in opened.file_uris():
            assert pathlib.Path(path.removeprefix("file://")).is_file(), f"version {version} of {name} lacks {path}"
        if version % max(1, last // 10) and version != last:
            continue
        count = opened.to_pyarrow_table().num_rows
        assert count >= before, f"version {version} of {name} has fewer rows than one before"
        before = count


def metric(server, name, **labels):
    """One value of /metrics; 0 if there is none."""
    text = requests.get(f"http://{server.web}/metrics", timeout=10).text
    wanted = ",".join(f'{key}="{value}"' for key, value in labels.items())
    pattern = rf"^{name}{re.escape('{' + wanted + '}') if wanted else ''} ([0-9.e+-]+)$"
    found = re.search(pattern, text, re.MULTILINE)
    return float(found[1]) if found else 0.0
