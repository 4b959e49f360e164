#!/usr/bin/env bash
# Records a second that an S3 sink connector takes out of the log and stores in a directory bucket, first into one
# file at a time, then into 200 open ones. Then its memory and lag while records arrive at a fixed rate, for 200
# partitions and for 200 values of a field. Needs the Python packages of the tests (scripts/bootstrap --tests).
#
#   PINLINE_BIN      the program (default .build/release/pinline)
#   RECORDS=2000000  records that wait in the log before the connector is made
#   RATE=100000      records a second that arrive, for SECONDS_EACH=60 seconds
#   WORK=DIR         where the server writes (default .build/bench/connect): on the disk that is to be measured
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
export PINLINE_BIN=${PINLINE_BIN:-$root/.build/release/pinline}
work=${WORK:-$root/.build/bench/connect}
[ -x "$PINLINE_BIN" ] || { echo "bench: there is no $PINLINE_BIN: run scripts/build first" >&2; exit 1; }
mkdir -p "$work"
trap 'rm -rf "$work/data"' EXIT
for files in 1 200; do
    rm -rf "$work/data"
    "${PYTHON:-$root/.venv/bin/python}" "$here/measure.py" "$work/data" "${RECORDS:-2000000}" "$files"
done
for kind in partitions fields; do
    rm -rf "$work/data"
    "${PYTHON:-$root/.venv/bin/python}" "$here/arriving.py" "$work/data" "$kind" "${RATE:-100000}" "${SECONDS_EACH:-60}"
done
