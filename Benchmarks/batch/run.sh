#!/usr/bin/env bash
# The whole batch job, raw objects to nine answers, beside two peers over the same files: DuckDB's Python package and
# Polars. They take turns; the medians are printed.
#
#   PINLINE_BENCH_PEERS=DIR  a folder with gen_events.py, peer_duckdb.py and peer_polars.py (needed)
#   PINLINE_BIN              the program (default .build/release/pinline)
#   EVENTS=300000            events of each of the three topics
#   ROUNDS=3, THREADS=2, MEMORY=8GB
#   WORK=DIR                 where the events are kept for the next run (default .build/bench/batch)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
pinline=${PINLINE_BIN:-$root/.build/release/pinline}
events=${EVENTS:-300000} rounds=${ROUNDS:-3} threads=${THREADS:-2} memory=${MEMORY:-8GB}
work=${WORK:-$root/.build/bench/batch}

die() { echo "bench: $*" >&2; exit 1; }
[ -x "$pinline" ] || die "there is no $pinline: run scripts/build first"
peers=${PINLINE_BENCH_PEERS:-}
for file in gen_events.py peer_duckdb.py peer_polars.py; do
    [ -f "$peers/$file" ] || die "set PINLINE_BENCH_PEERS to the folder that holds $file"
done
mkdir -p "$work"

# The peers' packages, in a virtual environment of their own.
python=$work/venv/bin/python
if ! cmp -s "$here/requirements.txt" "$work/venv/requirements.txt"; then
    echo "installing $(tr '\n' ' ' <"$here/requirements.txt")" >&2
    rm -rf "$work/venv"
    python3 -m venv "$work/venv"
    "$python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$work/venv/requirements.txt"
fi

bucket=$work/events-$events
if [ ! -d "$bucket" ]; then
    echo "generating $events events of each topic" >&2
    rm -rf "$bucket.new"
    "$python" "$peers/gen_events.py" "$bucket.new" --events "$events" >&2
    mv "$bucket.new" "$bucket"
fi

results=$(mktemp -d "$work/results.XXXX")
trap 'rm -rf "$results"' EXIT
trap 'exit 130' INT TERM
measured() { # NAME COMMAND...
    local name=$1
    shift
    timeout 1800 "$python" "$here/measure.py" "$results/$name.json" "$@" >>"$results/$name" || die "$name failed"
}
# Everyone reads from the page cache.
find "$bucket" -type f -exec cat {} + >/dev/null
for round in $(seq "$rounds"); do
    echo "round $round of $rounds" >&2
    measured pinline "$pinline" batch --bucket "$bucket" --threads "$threads" --memory "$memory" --format json
    measured duckdb "$python" "$peers/peer_duckdb.py" "$bucket" --threads "$threads" --memory "$memory"
    measured polars "$python" "$peers/peer_polars.py" "$bucket" --threads "$threads"
done

median() { cut -d ' ' -f "$2" "$results/$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
echo "$(nproc) cores, $(awk -F ': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $events events of each topic" \
    "($(du -sLm "$bucket" | cut -f 1) MB), $threads threads, $rounds rounds, medians"
echo
echo "| job            | wall s | CPU s  | peak MiB |"
echo "| -------------- | ------ | ------ | -------- |"
for name in pinline duckdb polars; do
    title=$name
    [ $name = pinline ] || title=$(grep "^$name==" "$here/requirements.txt" | tr -s '=' ' ')
    printf '| %-14s | %6s | %6s | %8s |\n' "$title" "$(median $name 1)" "$(median $name 2)" "$(median $name 3)"
done

if [ -f "$here/compare_batch.py" ]; then
    echo
    "$python" "$here/compare_batch.py" "$results/pinline.json" "$results/duckdb.json" "$results/polars.json"
fi
