#!/usr/bin/env bash
# What a request costs the ingest port in CPU, side by side in one run: one record by REST Proxy v2 and by Kinesis behind
# an API gateway, beside Karapace's cost for one record (1,262 µs, measured before: it is not on PyPI); and 100 records
# by Kinesis's own PutRecords, the same signed bytes replayed, beside moto_server. Then the waiting time at 1,000
# requests a second beside the disk's own fdatasync. Needs wrk, cc, curl, python3. Loopback only.
#
#   PINLINE_BIN      the program (default .build/release/pinline)
#   ROUNDS=3         rounds, in turn; the medians are printed
#   SECONDS_EACH=5   how long a round loads a server
#   CLIENTS=64       connections
#   WORK=DIR         where it writes (default .build/bench/gateway): on the disk that is to be measured
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
pinline=${PINLINE_BIN:-$root/.build/release/pinline}
rounds=${ROUNDS:-3} duration=${SECONDS_EACH:-5} clients=${CLIENTS:-64}
work=${WORK:-$root/.build/bench/gateway}
karapace_us=1262

die() { echo "bench: $*" >&2; exit 1; }
[ -x "$pinline" ] || die "there is no $pinline: run scripts/build first"
for tool in wrk cc curl python3; do
    command -v "$tool" >/dev/null || die "$tool is missing: apt-get install wrk gcc curl python3"
done

pinline_pid="" moto_pid=""
finish() {
    for pid in $pinline_pid $moto_pid; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
    rm -rf "$work/data" "$work"/results.*
}
trap finish EXIT
trap 'exit 130' INT TERM
mkdir -p "$work"
rm -rf "$work/data"

# The peer's packages, in a virtual environment of their own.
python=$work/venv/bin/python
if ! cmp -s "$here/requirements.txt" "$work/venv/requirements.txt"; then
    echo "installing $(tr '\n' ' ' <"$here/requirements.txt")" >&2
    rm -rf "$work/venv"
    python3 -m venv "$work/venv"
    "$python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$work/venv/requirements.txt"
fi

hertz=$(getconf CLK_TCK)
cpu_us() { sed 's/.*) //' "/proc/$1/stat" | awk -v hz="$hertz" '{ printf "%d", ($12 + $13) * 1000000 / hz }'; }
field() { sed -n "s/.*[ ^]$1=\([0-9.]*\).*/\1/p" <<<"$2"; }

start_pinline() {
    "$pinline" serve --data "$work/data" --ingest 127.0.0.1:0 --kafka 127.0.0.1:0 --web 127.0.0.1:0 \
        >"$work/pinline.log" 2>&1 </dev/null &
    pinline_pid=$!
    for _ in $(seq 100); do
        kill -0 $pinline_pid 2>/dev/null || die "pinline ended at once: $(tail -n 5 "$work/pinline.log")"
        read -r ingest web < <(python3 -c 'import json, sys
told = json.load(open(sys.argv[1]))
print(told["ingest"], told["web"])' "$work/data/endpoints.json" 2>/dev/null) &&
            curl -fs -o /dev/null "http://$web/readyz" && return
        sleep 0.1
    done
    die "pinline was not ready within 10 seconds: $work/pinline.log"
}

start_moto() {
    moto=127.0.0.1:$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$work/venv/bin/moto_server" -H 127.0.0.1 -p "${moto#*:}" >"$work/moto.log" 2>&1 </dev/null &
    moto_pid=$!
    for _ in $(seq 150); do
        curl -s -o /dev/null "http://$moto/moto-api/" && return
        sleep 0.1
    done
    die "moto_server did not start: $work/moto.log"
}

# load PID ADDRESS CONNECTIONS: one round; prints "requests_per_s p50_ms p99_ms cpu_us_per_request".
load() {
    local before after result
    before=$(cpu_us "$1")
    result=$(timeout $((duration + 60)) wrk -t 2 -c "$3" -d "${duration}s" --timeout 30s --latency -s "$here/load.lua" \
        "http://$2" | grep ^RESULT) || die "wrk failed against $2"
    after=$(cpu_us "$1")
    [ "$(field refused "$result")$(field broken "$result")" = 00 ] || die "not every request was answered: $result"
    awk -v n="$(field requests "$result")" -v s="$(field seconds "$result")" -v p50="$(field p50_us "$result")" \
        -v p99="$(field p99_us "$result")" -v cpu=$((after - before)) \
        'BEGIN { printf "%.0f %.2f %.2f %.1f\n", n / s, p50 / 1000, p99 / 1000, cpu / n }'
}

# A server may still be busy with requests whose client is gone.
rest_of() { # PID
    local before after
    for _ in $(seq 100); do
        before=$(cpu_us "$1")
        sleep 0.3
        after=$(cpu_us "$1")
        [ $((after - before)) -gt 20000 ] || return 0
    done
}

median() { cut -d ' ' -f "$2" "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
row() { # NAME FILE
    printf '| %-40s | %8s | %7s | %7s | %8s |\n' "$1" "$(median "$2" 1)" "$(median "$2" 2)" "$(median "$2" 3)" \
        "$(median "$2" 4)"
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.0f", a / b }'; }

start_pinline
start_moto
"$python" "$here/record_native.py" "http://$ingest" "$work/pinline.request"
"$python" "$here/record_native.py" "http://$moto" "$work/moto.request"

results=$(mktemp -d "$work/results.XXXX")
for round in $(seq "$rounds"); do
    echo "round $round of $rounds" >&2
    FORM=rest load $pinline_pid "$ingest" "$clients" >>"$results/rest"
    FORM=streams load $pinline_pid "$ingest" "$clients" >>"$results/streams"
    FORM=replay REQUEST=$work/pinline.request load $pinline_pid "$ingest" 16 >>"$results/native"
    FORM=replay REQUEST=$work/moto.request load $moto_pid "$moto" 16 >>"$results/moto"
    rest_of $moto_pid
    # 20 connections that each wait 20 ms in the mean before they send again; what the loads before have left to write
    # is on the disk by then.
    sync
    FORM=rest PAUSE=20 load $pinline_pid "$ingest" 20 >>"$results/rest-paced"
    FORM=streams PAUSE=20 load $pinline_pid "$ingest" 20 >>"$results/streams-paced"
done

echo "$(nproc) cores, $(awk -F ': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $clients clients (PutRecords: 16)," \
    "$rounds rounds of $duration s, medians"
echo
echo "| request                                  | req/s    | p50 ms  | p99 ms  | CPU µs   |"
echo "| ---------------------------------------- | -------- | ------- | ------- | -------- |"
row "REST Proxy v2, 1 record" "$results/rest"
row "PUT /streams/…/record" "$results/streams"
row "PutRecords of 100, pinline" "$results/native"
row "PutRecords of 100, moto_server" "$results/moto"
row "REST Proxy v2 at about 1,000/s" "$results/rest-paced"
row "PUT /streams/…/record at about 1,000/s" "$results/streams-paced"
echo
echo "CPU of Karapace ($karapace_us µs) is $(ratio $karapace_us "$(median "$results/rest" 4)") times REST Proxy v2's and" \
    "$(ratio $karapace_us "$(median "$results/streams" 4)") times that of /streams; moto_server's is" \
    "$(ratio "$(median "$results/moto" 4)" "$(median "$results/native" 4)") times that of PutRecords here."
echo
echo "The disk's own (fsyncbench):"
cc -O2 -pthread -o "$work/fsyncbench" "$here/../ingest/fsyncbench.c"
"$work/fsyncbench" "$work" 3 20 747
