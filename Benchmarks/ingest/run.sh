#!/usr/bin/env bash
# Durable acknowledgements a second, side by side in one run: `pinline serve` over HTTP and redis-server XADD with every
# write flushed, the same number of clients, the same payload. Needs wrk, redis-server, redis-benchmark, cc. Loopback only.
#
#   PINLINE_BIN      the program (default .build/release/pinline)
#   ROUNDS=3         rounds, in turn; the medians are printed
#   SECONDS_EACH=5   how long a round loads a server
#   CLIENTS=64       connections
#   PINS=FILE        real pins, one JSON object a line (default: pins made by post.lua)
#   WORK=DIR         where both write (default .build/bench/ingest): on the disk that is to be measured
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
pinline=${PINLINE_BIN:-$root/.build/release/pinline}
rounds=${ROUNDS:-3} duration=${SECONDS_EACH:-5} clients=${CLIENTS:-64}
work=${WORK:-$root/.build/bench/ingest}
[ -z "${PINS:-}" ] || PINS=$(realpath "$PINS")
export PINS=${PINS:-}

die() { echo "bench: $*" >&2; exit 1; }
[ -x "$pinline" ] || die "there is no $pinline: run scripts/build first"
for tool in wrk redis-server redis-benchmark redis-cli cc curl python3; do
    command -v "$tool" >/dev/null || die "$tool is missing: apt-get install wrk redis-server redis-tools gcc curl"
done

pinline_pid="" redis_pid=""
finish() {
    for pid in $pinline_pid $redis_pid; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
    rm -rf "$work/data" "$work/redis" "$work"/results.*
}
trap finish EXIT
trap 'exit 130' INT TERM
mkdir -p "$work/redis"
rm -rf "$work/data"

# ---- reading a process

hertz=$(getconf CLK_TCK)
cpu_us() { sed 's/.*) //' "/proc/$1/stat" | awk -v hz="$hertz" '{ printf "%d", ($12 + $13) * 1000000 / hz }'; }
memory_mb() { awk -v key="$2:" '$1 == key { printf "%.0f", $2 / 1024 }' "/proc/$1/status"; }
field() { sed -n "s/.*[ ^]$1=\([0-9.]*\).*/\1/p" <<<"$2"; }

# ---- servers

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

start_redis() {
    redis_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    redis-server --bind 127.0.0.1 --port "$redis_port" --dir "$work/redis" --save "" --appendonly yes \
        --appendfsync always --auto-aof-rewrite-percentage 0 >"$work/redis.log" 2>&1 </dev/null &
    redis_pid=$!
    for _ in $(seq 100); do
        [ "$(redis-cli -p "$redis_port" ping 2>/dev/null)" = PONG ] && return
        sleep 0.1
    done
    die "redis-server did not start: $work/redis.log"
}

# ---- one round each: prints "acks_per_s p50_ms p99_ms cpu_us_per_ack cpu_us_with_drain rss_mb"

sink_drained() {
    local tries
    for tries in $(seq 300); do
        [ "$(curl -fs "http://$web/metrics" | awk '$1 ~ /^pinline_sink_lag_records_sum/ { print int($NF) }')" = 0 ] && return
        sleep 0.2
    done
    echo "bench: the sink was still behind after a minute; the next round runs beside it" >&2
}

load_pinline() { # TOPIC BATCH
    local before after drained result requests rss
    before=$(cpu_us $pinline_pid)
    result=$(TOPIC=$1 BATCH=$2 timeout $((duration + 30)) wrk -t 2 -c "$clients" -d "${duration}s" --latency \
        -s "$here/post.lua" "http://$ingest" | grep ^RESULT) || die "wrk failed against $ingest"
    after=$(cpu_us $pinline_pid) rss=$(memory_mb $pinline_pid VmHWM)
    [ "$(field refused "$result")$(field broken "$result")" = 00 ] || die "not every request was acknowledged: $result"
    sink_drained
    drained=$(cpu_us $pinline_pid)
    requests=$(field requests "$result")
    awk -v n="$requests" -v s="$(field seconds "$result")" -v p50="$(field p50_us "$result")" \
        -v p99="$(field p99_us "$result")" -v cpu=$((after - before)) -v all=$((drained - before)) -v rss="$rss" \
        'BEGIN { printf "%.0f %.2f %.2f %.1f %.1f %s\n", n / s, p50 / 1000, p99 / 1000, cpu / n, all / n, rss }'
}

load_redis() {
    local before after csv requests=$((redis_rate * duration))
    redis-cli -p "$redis_port" del bench >/dev/null
    before=$(cpu_us $redis_pid)
    csv=$(timeout $((duration * 6 + 30)) redis-benchmark -h 127.0.0.1 -p "$redis_port" -c "$clients" -n $requests --csv \
        XADD bench '*' pin "$payload" | tail -n 1 | tr -d '"') || die "redis-benchmark failed"
    after=$(cpu_us $redis_pid)
    # test,rps,avg_latency_ms,min_latency_ms,p50_latency_ms,p95_latency_ms,p99_latency_ms,max_latency_ms
    awk -v line="$csv" -v n=$requests -v cpu=$((after - before)) -v rss="$(memory_mb $redis_pid VmHWM)" 'BEGIN {
        k = split(line, f, ","); printf "%.0f %.2f %.2f %.1f %.1f %s\n", f[k-6], f[k-3], f[k-1], cpu / n, cpu / n, rss }'
}

median_row() { # NAME FILE RECORDS_PER_ACK
    local column values=()
    for column in 1 2 3 4 5 6; do
        values+=("$(cut -d ' ' -f $column "$2" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')")
    done
    printf '| %-35s | %8s | %9s | %6s | %6s | %6s | %6s | %4s |\n' "$1" "${values[0]}" $((${values[0]} * $3)) \
        "${values[@]:1}"
}

# ---- the run

start_pinline
idle=$(memory_mb $pinline_pid VmRSS)
start_redis
warm=$(TOPIC=bench.raw timeout 30 wrk -t 2 -c "$clients" -d 1s --latency -s "$here/post.lua" "http://$ingest" |
    grep ^RESULT) || die "the warm-up failed"
payload=$(head -c "$(field value_bytes "$warm")" /dev/zero | tr '\0' x)
redis_rate=$(timeout 60 redis-benchmark -h 127.0.0.1 -p "$redis_port" -c "$clients" -n 10000 --csv \
    XADD bench '*' pin "$payload" | tail -n 1 | tr -d '"' | awk -F, '{ print int($(NF - 6)) }')

results=$(mktemp -d "$work/results.XXXX")
for round in $(seq "$rounds"); do
    echo "round $round of $rounds" >&2
    load_pinline bench.raw 1 >>"$results/single"
    load_redis >>"$results/redis"
    load_pinline bench.pin 1 >>"$results/single-sink"
    load_pinline bench.raw 100 >>"$results/hundred"
    load_pinline bench.pin 100 >>"$results/hundred-sink"
done

echo "$(nproc) cores, $(awk -F ': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $clients clients, $rounds rounds of" \
    "$duration s, values of $(field value_bytes "$warm") bytes on average, medians"
echo
echo "| server                              | acks/s   | records/s | p50 ms | p99 ms | CPU µs | +drain | MB   |"
echo "| ----------------------------------- | -------- | --------- | ------ | ------ | ------ | ------ | ---- |"
median_row "redis XADD, appendfsync always" "$results/redis" 1
median_row "pinline, 1 record" "$results/single" 1
median_row "pinline, 1 record, sink and tables" "$results/single-sink" 1
median_row "pinline, 100 records" "$results/hundred" 100
median_row "pinline, 100 records, sink and tables" "$results/hundred-sink" 100
echo
echo "CPU µs: of the server for one acknowledged request, while the load ran; +drain: until the sink had caught up."
echo "MB: the most that was resident so far; pinline idle after its start: $idle MB."
kill $pinline_pid $redis_pid
wait $pinline_pid $redis_pid 2>/dev/null || true
pinline_pid="" redis_pid=""

echo
echo "The disk's limit (fsyncbench):"
cc -O2 -pthread -o "$work/fsyncbench" "$here/fsyncbench.c"
"$work/fsyncbench" "$work" 3 "$clients" "$(field value_bytes "$warm")"
"$work/fsyncbench" "$work" 3 "$clients" $(($(field value_bytes "$warm") * 100))
