"""Delta tables as other programs see them: rows as sorted lists of texts."""
import json
import os
import pathlib

import harness
import readers

# One row of each type, and some that others get wrong.
EVERY_TYPE = """
    SELECT i::INT AS i, i * 10000000000 AS l, i::SMALLINT AS s, i::TINYINT AS y, (i / 3)::FLOAT AS f, i / 7.0::DOUBLE AS d,
        (i * 1.25)::DECIMAL(10, 2) AS m, i % 2 = 0 AS b, 'bytes'::BLOB AS x, DATE '2020-01-01' + i::INT AS day,
        TIMESTAMP '2020-01-01 00:00:00.123456' + INTERVAL (i) MINUTE AS t, repeat('é', i::INT) || i AS long_text,
        CASE WHEN i > 2 THEN 'a' END AS n, [i::DOUBLE, NULL, 2.5] AS coordinates,
        {'a': i, 'b': 'q'} AS who, MAP {'k': i::VARCHAR} AS tags,
        CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN 'a/b=c ä:%[' ELSE 'x y' END AS p
    FROM range(0, 60) r(i) ORDER BY i
"""


def write_rows(path, select, session=None):
    (session or readers.duckdb_session()).execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


def add(place, table, file, *flags, **options):
    """`pinline tables import`, which must succeed; what it told, by lines."""
    told = harness.succeed("tables", "import", table, file, "--tables", place, "--data", f"{file}.data", *flags, **options)
    return told.splitlines()


def log(table, version):
    """The actions of a commit, by name."""
    lines = (pathlib.Path(table) / "_delta_log" / f"{version:020}.json").read_text().splitlines()
    return [next(iter(json.loads(line).items())) for line in lines]


def versions(table):
    names = os.listdir(pathlib.Path(table) / "_delta_log")
    return sorted(int(name[:20]) for name in names if name.endswith(".json"))


def differing(session, left, right, columns):
    """Rows of one statement that the other does not give as often, either way."""
    one, two = f"SELECT {columns} FROM {left}", f"SELECT {columns} FROM {right}"
    return (session.execute(f"({one} EXCEPT ALL {two}) UNION ALL ({two} EXCEPT ALL {one})").fetchall())
