"""One SQL text, two engines: cleans the golden raw rows and answers every query on DuckDB and on Spark.

    portable.py [--rows FOLDER] [--pipeline FOLDER]

FOLDER of rows holds golden/raw_{pin,geo,user}.ndjson (default: PINLINE_REAL_DATA, or ../shared/data/real beside the
checkout). Prints a line for each table and query, and exits with 1 if one that passes.txt names does not agree.
"""
import argparse
import json
import os
import pathlib
import re
import sys

import duckdb
import yaml
from pyspark.sql import SparkSession
from pyspark.sql import types as spark_types

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
FILES = {"pin": "raw_pin.ndjson", "geo": "raw_geo.ndjson", "users": "raw_user.ndjson"}

# Rows beside the golden ones: values on whose reading engines disagree if they are left alone with them.
ODD_DATES = [
    "2020-08-28T03:52:47.123456789Z", "2020-08-28 05:52:47 +02:00", "2020-08-27T22:22:47-0530",
    "2020-08-28T05:52:47+02", "2020-08-28", "2020-08-28T03:52", " 2020-08-28 03:52:47 ", "2020:08:28 03:52:47",
    "08/28/2020, 03:52:47", "2020", "2020-02-30 03:52:47", "2020-08-28 24:00:00", "-020-08-28 03:52:47",
    "2020/08/28 03:52:47", "1598586767", "2020-08-28\n"]
ODD_COUNTS = [
    "1.5M", "1.2345k", "0.5", "2b", "3K", " 88k ", "007", "9223372036854775807", "9223372036854775808", "99999999999b",
    "1" * 60, "-5k", "+5", "k", "1.2.3", "1,5k", "1e3", "1_000", ".5", "5.", "5kk", "5k\n", "NaN", "\u0665k"]


class DuckDB:
    NAMES = {"int": "BIGINT", "double": "DOUBLE", "string": "VARCHAR"}

    def __init__(self):
        self.connection = duckdb.connect(":memory:")
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute(
            "CREATE TEMP MACRO array_repeat(element, times) AS list_transform(range(times), lambda x: element)")

    def load(self, table, columns, rows):
        declared = ", ".join(f'"{name}" {self.NAMES[kind]}' for name, kind in columns.items())
        self.connection.execute(f"CREATE TEMP TABLE {table}_raw ({declared})")
        places = ", ".join("?" * len(columns))
        self.connection.executemany(f"INSERT INTO {table}_raw VALUES ({places})", rows)

    def clean(self, table, sql):
        self.connection.execute(f"CREATE TEMP TABLE {table} AS SELECT DISTINCT * FROM ({sql}) cleaned")

    def rows(self, sql, parameters=None):
        # DuckDB marks a named parameter with a dollar. No string or comment of the files holds a colon and a name.
        return self.connection.execute(re.sub(r":([a-z_]+)", r"$\1", sql), parameters or {}).fetchall()


class Spark:
    TYPES = {"int": spark_types.LongType(), "double": spark_types.DoubleType(), "string": spark_types.StringType()}

    def __init__(self):
        settings = {
            "spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true", "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "1", "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1", "spark.ui.showConsoleProgress": "false"}
        builder = SparkSession.builder.master("local[1]").appName("portable")
        for name, value in settings.items():
            builder = builder.config(name, value)
        self.session = builder.getOrCreate()
        self.session.sparkContext.setLogLevel("ERROR")

    def load(self, table, columns, rows):
        fields = [spark_types.StructField(name, self.TYPES[kind]) for name, kind in columns.items()]
        frame = self.session.createDataFrame([tuple(row) for row in rows], spark_types.StructType(fields))
        frame.createOrReplaceTempView(f"{table}_raw")

    def clean(self, table, sql):
        frame = self.session.sql(f"SELECT DISTINCT * FROM ({sql}) cleaned").cache()
        frame.createOrReplaceTempView(table)

    def rows(self, sql, parameters=None):
        return [tuple(row) for row in self.session.sql(sql, args=parameters or {}).collect()]


def raw_rows(table, definition, folder):
    """The rows as the engine hands them to clean/*.sql: sentinels and blank text are NULL already."""
    def cell(name, column, row):
        value = row.get(name)
        if isinstance(value, str) and (not value.strip() or value in column.get("sentinels", [])):
            return None
        return value

    columns = definition["columns"]
    with open(folder / "golden" / FILES[table], encoding="utf-8") as file:
        rows = [[cell(name, column, row) for name, column in columns.items()] for row in map(json.loads, file)]
    odd_column = {"pin": "follower_count", "geo": "timestamp", "users": "date_joined"}[table]
    for number, text in enumerate(ODD_COUNTS if table == "pin" else ODD_DATES):
        odd = {odd_column: text, next(iter(columns)): 20_000 + number}
        rows.append([odd.get(name) for name in columns])
    return rows


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument(
        "--rows", type=pathlib.Path,
        default=os.environ.get("PINLINE_REAL_DATA") or CHECKOUT.parent / "shared" / "data" / "real")
    arguments.add_argument("--pipeline", type=pathlib.Path, default=CHECKOUT / "Pipelines" / "pinterest")
    chosen = arguments.parse_args()
    if not (chosen.rows / "golden").is_dir():
        sys.exit(f"portable.py: there are no golden rows at {chosen.rows}: name their folder with --rows")
    pipeline = yaml.safe_load((chosen.pipeline / "pipeline.yaml").read_text(encoding="utf-8"))

    engines = DuckDB(), Spark()
    agreed = {}

    def compare(name, ask, ordered):
        try:
            here, there = (ask(engine) for engine in engines)
            agreed[name] = here == there if ordered else sorted(map(repr, here)) == sorted(map(repr, there))
            print(f"{'same' if agreed[name] else 'DIFFERS':8} {name:52} {len(here):5} rows", flush=True)
        except Exception as error:  # Any engine's error is a finding, not the end of the run.
            agreed[name] = False
            print(f"{'FAILS':8} {name:52} {str(error).splitlines()[0][:150]}", flush=True)

    for table, definition in pipeline["tables"].items():
        columns = {name: column["type"] for name, column in definition["columns"].items()}
        sql = (chosen.pipeline / definition["clean"]).read_text(encoding="utf-8")
        rows = raw_rows(table, definition, chosen.rows)
        for engine in engines:
            engine.load(table, columns, rows)
            engine.clean(table, sql)
        compare(definition["clean"], lambda engine, table=table: engine.rows(f"SELECT * FROM {table}"), False)
    for path in sorted((chosen.pipeline / "queries").glob("*.sql")):
        sql = path.read_text(encoding="utf-8")
        used = {name: value for name, value in pipeline["parameters"].items() if f":{name}" in sql}
        compare(f"queries/{path.name}", lambda engine, sql=sql, used=used: engine.rows(sql, used), True)

    must = set((HERE / "passes.txt").read_text().split())
    broken = sorted(name for name in must if not agreed.get(name))
    new = sorted(name for name, same in agreed.items() if same and name not in must)
    if new:
        print("Not in passes.txt, but the same: " + " ".join(new))
    if broken:
        sys.exit("portable.py: these must give the same rows on both engines: " + " ".join(broken))
    print(f"{len(agreed)} files, {sum(agreed.values())} with the same rows on DuckDB and Spark")


main()
