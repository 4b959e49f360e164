#!/usr/bin/env bash
# Appends to Delta tables beside delta-rs, and the opening of a table of 10,000 commits and 50,000 files. Needs the
# Python packages of the tests (scripts/bootstrap --tests).
#
#   run.sh ROWS.parquet   rows to append, 200,000 at least: such as the cleaned pins of a bucket
#   PINLINE_BIN           the program (default .build/release/pinline)
#   TMPDIR                where tables are written: on the disk that is to be measured
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
export PINLINE_BIN=${PINLINE_BIN:-$root/.build/release/pinline}
[ -x "$PINLINE_BIN" ] || { echo "bench: there is no $PINLINE_BIN: run scripts/build first" >&2; exit 1; }
[ $# = 1 ] || { echo "usage: run.sh ROWS.parquet" >&2; exit 2; }
"${PYTHON:-$root/.venv/bin/python}" "$here/measure.py" append "$1"
"${PYTHON:-$root/.venv/bin/python}" "$here/measure.py" open
