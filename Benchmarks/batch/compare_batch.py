#!/usr/bin/env python3
"""compare_batch.py PINLINE.json PEER.json...: do the batch job and its peers give the same nine answers?

    compare_batch.py --bucket DIR [--threads N]   runs all of them first (PINLINE_BIN, PINLINE_BENCH_PEERS)

The peers break ties by name where Pinline keeps them, show every year where Pinline's second query has a range, and
put all who are in no age group under NONE. So answers are compared after the peers' rule: of tied rows the first by name
counts, and peers' rows of other years are left out. Prints a line for each query; exits 1 if any differs.
"""
import json
import os
import subprocess
import sys

OTHER_AGE_GROUPS = {"under 18": "NONE", "unknown": "NONE"}
# Query: the columns within which rows tie, and the name that breaks the tie; None for a single group.
TIES = {"1": ((0,), 1), "2": ((0,), 1), "3": ((0,), 1), "4": ((), 0), "5": ((0,), 1)}
WITH_AGE_GROUP = {"5", "6", "9"}


def without_ties(query, rows):
    group, name = TIES.get(query, (None, None))
    if group is None:
        return rows
    best = {}
    for row in rows:
        key = tuple(row[column] for column in group)
        if key not in best or row[name] < best[key][name]:
            best[key] = row
    return list(best.values())


def own_rows(query, rows):
    rows = [list(row) for row in rows]
    if query in WITH_AGE_GROUP:
        for row in rows:
            row[0] = OTHER_AGE_GROUPS.get(row[0], row[0])
    return sorted(without_ties(query, rows), key=repr)


def peer_rows(query, rows, own):
    if query == "2":
        years = {row[0] for row in own}
        rows = [row for row in rows if row[0] in years]
    return sorted(([*row] for row in rows), key=repr)


def numbers_as_floats(rows):
    return [[float(value) if isinstance(value, (int, float)) else value for value in row] for row in rows]


def compare(own, peer):
    """The names of what differs."""
    different = []
    for query, rows in sorted(own["results"].items()):
        mine = own_rows(query, rows)
        theirs = peer_rows(query, peer["results"]["q" + query], mine)
        mine, theirs = (sorted(numbers_as_floats(rows), key=repr) for rows in (mine, theirs))
        if mine != theirs:
            different.append("query " + query)
    counts = {"user" if table == "users" else table: count for table, count in own["rows"].items()}
    if counts != peer["rows"]:
        different.append("rows")
    return different


def last_json(path):
    with open(path, encoding="utf-8") as file:
        return json.loads(file.read().strip().splitlines()[-1])


def run_all(arguments):
    bucket = arguments[arguments.index("--bucket") + 1]
    threads = arguments[arguments.index("--threads") + 1] if "--threads" in arguments else "2"
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    program = os.environ.get("PINLINE_BIN", os.path.join(root, ".build", "release", "pinline"))
    peers = os.environ.get("PINLINE_BENCH_PEERS")
    if not peers:
        sys.exit("compare_batch: set PINLINE_BENCH_PEERS to the folder that holds peer_duckdb.py and peer_polars.py")
    commands = [[program, "batch", "--bucket", bucket, "--threads", threads, "--format", "json"]]
    for peer in ("peer_duckdb.py", "peer_polars.py"):
        commands.append([sys.executable, os.path.join(peers, peer), bucket, "--threads", threads])
    return [json.loads(subprocess.run(c, stdout=subprocess.PIPE, check=True).stdout.splitlines()[-1]) for c in commands]


def main():
    arguments = sys.argv[1:]
    if "--bucket" in arguments:
        own, *peers = run_all(arguments)
    elif len(arguments) >= 2 and not arguments[0].startswith("-"):
        own, *peers = map(last_json, arguments)
    else:
        sys.exit(__doc__)
    failed = False
    for peer in peers:
        different = compare(own, peer)
        failed = failed or bool(different)
        print("%s: %s" % (peer["peer"], "the same answers" if not different else "DIFFERS in " + ", ".join(different)))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
