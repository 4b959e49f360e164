#!/usr/bin/env python3
"""Appends to a Delta table by `pinline tables import` and by delta-rs, and the opening of a long table.

    measure.py append ROWS.parquet [--rows 10000] [--batches 20]
    measure.py open [--commits 10000] [--files 50000]

Each prints one JSON line a case. CPU of an append is that of a process that makes all commits, less that of one
that makes a single commit of as many rows as the others hold each, divided by the commits between.
"""
import argparse
import glob
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PINLINE = os.environ.get("PINLINE_BIN", ".build/release/pinline")


def child_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def own_cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def pinline(place, rows_file, rows, batches, *flags):
    """CPU and wall seconds of a process that makes so many commits."""
    before, start = child_cpu(), time.perf_counter()
    sql = f"SELECT * FROM rows LIMIT {rows * batches}"
    subprocess.run(
        [PINLINE, "tables", "import", "pin", rows_file, "--tables", place, "--data", place + "/data",
         "--batch-rows", str(rows), "--sql", sql, *flags], check=True, stdout=subprocess.DEVNULL)
    return child_cpu() - before, time.perf_counter() - start


def middle_file(folder):
    files = sorted(glob.glob(f"{folder}/*.parquet"), key=os.path.getsize)
    return os.path.getsize(files[len(files) // 2])


def append(options):
    import deltalake
    import pyarrow.parquet

    place = tempfile.mkdtemp(prefix="delta-bench-")
    table = pyarrow.parquet.read_table(options.file).slice(0, options.rows * options.batches)
    batches = [table.slice(options.rows * k, options.rows) for k in range(options.batches)]
    for codec in ("snappy", "zstd"):
        cases = {}
        for name, flags in (("", ()), (" without upkeep", ("--no-upkeep",))):
            runs = []
            for turn in range(3):
                where = f"{place}/{codec}{name.replace(' ', '')}{turn}"
                one = pinline(where + "one", options.file, options.rows, 1, "--compression", codec, *flags)
                all_ = pinline(where, options.file, options.rows, options.batches, "--compression", codec, *flags)
                # Reading the rows into the process is no part of a commit, and grows with them.
                load = reading(options, options.batches) - reading(options, 1)
                runs.append((all_[0] - one[0] - load) / (options.batches - 1))
            cases[f"pinline {codec}{name}"] = (min(runs), statistics.median(runs), middle_file(where + "/pin"))
        properties = deltalake.WriterProperties(compression=codec.upper())
        seconds = []
        for batch in batches:
            start = own_cpu()
            deltalake.write_deltalake(f"{place}/rs-{codec}", batch, mode="append", writer_properties=properties)
            seconds.append(own_cpu() - start)
        cases[f"delta-rs {codec}"] = (min(seconds), statistics.median(seconds), middle_file(f"{place}/rs-{codec}"))
        for name, (least, median, size) in cases.items():
            print(json.dumps({"case": name, "rows": options.rows, "cpu_ms_least": round(least * 1e3, 1),
                              "cpu_ms_median": round(median * 1e3, 1), "bytes_a_file": size}), flush=True)
    shutil.rmtree(place)


READ = """
import duckdb, sys
c = duckdb.connect()
c.execute("CREATE TEMP TABLE selected AS SELECT * FROM read_parquet(?) LIMIT " + sys.argv[2], [sys.argv[1]])
"""


def reading(options, batches):
    before = child_cpu()
    subprocess.run([sys.executable, "-c", READ, options.file, str(options.rows * batches)], check=True)
    return child_cpu() - before


def long_table(folder, commits, files):
    """A table of a log as it is after so many appends; the data files themselves are not there."""
    log = folder + "/pin/_delta_log"
    os.makedirs(log)
    schema = {"type": "struct", "fields": [
        {"name": name, "type": "string", "nullable": True, "metadata": {}} for name in "abcdefghijk"]}
    text = {name: "x" * 24 for name in "abcdefghijk"}
    stats = json.dumps({"numRecords": 1000, "minValues": text, "maxValues": text,
                        "nullCount": {name: 0 for name in text}})
    number = 0
    for version in range(commits):
        lines = [{"commitInfo": {"timestamp": 1_700_000_000_000 + version, "operation": "WRITE"}}]
        if version == 0:
            lines.append({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}})
            lines.append({"metaData": {
                "id": "5fba94ed-9794-4965-ba6e-6ee3c0d22af9", "format": {"provider": "parquet", "options": {}},
                "schemaString": json.dumps(schema), "partitionColumns": [], "configuration": {}, "createdTime": 0}})
        while number * commits < files * (version + 1):
            lines.append({"add": {
                "path": f"part-00000-{number:08x}-9d0e-4b43-9a3c-{number:012x}-c000.snappy.parquet",
                "partitionValues": {}, "size": 1_000_000, "modificationTime": 1_700_000_000_000 + version,
                "dataChange": True, "stats": stats}})
            number += 1
        with open(f"{log}/{version:020}.json", "w") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)


def write_row(path):
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table({name: ["x"] for name in "abcdefghijk"}), path)


def open_(options):
    import deltalake

    place = tempfile.mkdtemp(prefix="delta-bench-")
    long_table(place, options.commits, options.files)
    table = deltalake.DeltaTable(place + "/pin")
    table.create_checkpoint()
    del table
    write_row(place + "/row.parquet")
    walls = {"pin": [], "short": []}
    for turn in range(9):
        for name, found in walls.items():
            start = time.perf_counter()
            subprocess.run(
                [PINLINE, "tables", "import", name, place + "/row.parquet", "--tables", place, "--data",
                 place + "/data", "--no-upkeep"], check=True, stdout=subprocess.DEVNULL)
            found.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    opened = statistics.median(walls["pin"]) - statistics.median(walls["short"][1:])
    print(json.dumps({"case": "pinline open", "ms": round(opened * 1e3, 1), "peak_mb": peak // 1024}), flush=True)
    for turn in range(3):
        start = time.perf_counter()
        count = len(deltalake.DeltaTable(place + "/pin").file_uris())
        print(json.dumps({"case": "delta-rs open", "ms": round((time.perf_counter() - start) * 1e3, 1),
                          "files": count}), flush=True)
    shutil.rmtree(place)


parser = argparse.ArgumentParser()
commands = parser.add_subparsers(dest="command", required=True)
first = commands.add_parser("append")
first.add_argument("file")
first.add_argument("--rows", type=int, default=10000)
first.add_argument("--batches", type=int, default=20)
second = commands.add_parser("open")
second.add_argument("--commits", type=int, default=10000)
second.add_argument("--files", type=int, default=50000)
given = parser.parse_args()
append(given) if given.command == "append" else open_(given)
