#!/usr/bin/env bash
# Runs the SQL files of Pipelines/pinterest unchanged on Spark and on DuckDB, and compares. Needs Java 17 and Python 3.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=$root/.venv-spark

if ! command -v java >/dev/null; then
    echo "run.sh: Spark needs Java 17 or newer: install Debian's openjdk-17-jre-headless" >&2
    exit 1
fi
wanted=$(sha256sum "$here/requirements.txt" | cut -d ' ' -f 1)
if [ "$(cat "$venv/.requirements.sha256" 2>/dev/null)" != "$wanted" ]; then
    echo "Installing requirements.txt into .venv-spark (Spark is 450 MB: some minutes)"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    printf '%s\n' "$wanted" >"$venv/.requirements.sha256"
fi
PYTHONDONTWRITEBYTECODE=1 exec "$venv/bin/python" "$here/portable.py" "$@"
