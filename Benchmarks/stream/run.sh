#!/usr/bin/env bash
# How fresh tables are under a paced load: pinline, then Spark Structured Streaming (file source, local[2]) where its script
# is given, one after the other in the same run. Loopback only.
#
#   PINLINE_BIN     the program (default .build/release/pinline)
#   RATE=20000      events a second
#   SECONDS_EACH=30 how long each is measured
#   PEER=FILE       the peer's script (peer_spark_stream.py; needs pyspark and Java), WORK/raw made by it before
#   WORK=DIR        where both write (default .build/bench/stream): on the disk that is to be measured
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
pinline=${PINLINE_BIN:-$root/.build/release/pinline}
rate=${RATE:-20000} duration=${SECONDS_EACH:-30}
work=${WORK:-$root/.build/bench/stream}
python=${PYTHON:-python3}

[ -x "$pinline" ] || { echo "bench: there is no $pinline: run scripts/build first" >&2; exit 1; }
mkdir -p "$work"
"$python" "$here/freshness.py" "$pinline" --rate "$rate" --seconds "$duration" --keep "$work/pinline"
rm -rf "$work/pinline"
if [ -n "${PEER:-}" ]; then
    [ -d "$work/raw" ] || "$python" "$PEER" make "$work"
    "$python" "$PEER" fresh "$work" --rate "$rate" --seconds "$duration" --sink parquet
fi
