"""Compares a run's results with the list of tests that must pass: `compare.py RESULTS.xml PASSES.txt`."""
import os
import sys
import xml.etree.ElementTree as xml


def outcomes(path):
    """By the test's name: passed, failed or skipped."""
    found = {}
    for case in xml.parse(path).iter("testcase"):
        name = f"{case.get('classname').rsplit('.', 1)[-1]}::{case.get('name')}"
        kinds = {child.tag for child in case}
        found[name] = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
    return found


def main(results, list_path):
    found = outcomes(results)
    passed = sorted(name for name, outcome in found.items() if outcome == "passed")
    if os.environ.get("WRITE") == "yes":
        with open(list_path, "w", encoding="utf-8") as file:
            file.write("".join(f"{name}\n" for name in passed))
    with open(list_path, encoding="utf-8") as file:
        wanted = set(file.read().split("\n")) - {""}
    broken = sorted(wanted - set(passed))
    for name in broken:
        print(f"must pass, and did not: {name} ({found.get(name, 'was not run')})")
    for name in sorted(set(passed) - wanted):
        print(f"passes now, and is not in passes.txt: {name}")
    for name in sorted(name for name, outcome in found.items() if outcome == "failed" and name not in wanted):
        print(f"a known gap: {name}")
    counts = {kind: sum(outcome == kind for outcome in found.values()) for kind in ("passed", "failed", "skipped")}
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()))
    return 1 if broken else 0


sys.exit(main(*sys.argv[1:]))
