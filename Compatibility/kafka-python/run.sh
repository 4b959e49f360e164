#!/usr/bin/env bash
# Runs kafka-python's own integration tests, from its source distribution, against `pinline serve`, and compares with
# passes.txt. Exit code 1 if a test of that list does not pass.
#
#   PINLINE_BIN=FILE  the program (default .build/release/pinline)
#   --write           makes passes.txt anew from this run
#   other arguments   go to pytest, such as -k NAME; then nothing is compared
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
pinline=${PINLINE_BIN:-$root/.build/release/pinline}
venv=$root/.venv-kafka-python
work=$(mktemp -d "${TMPDIR:-/tmp}/pinline-kafka-python.XXXXXX")

server=""
finish() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
die() { echo "run.sh: $*" >&2; exit 1; }
[ -x "$pinline" ] || die "there is no $pinline: run scripts/build first"

wanted=$(sha256sum "$here/requirements.txt" | cut -d ' ' -f 1)
if [ "$(cat "$venv/.requirements.sha256" 2>/dev/null)" != "$wanted" ]; then
    echo "Installing requirements.txt into .venv-kafka-python"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    # The tests are in the source distribution only.
    "$venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary kafka-python \
        --dest "$venv/source" "$(grep ^kafka-python "$here/requirements.txt")"
    tar -xzf "$venv"/source/kafka_python-*.tar.gz -C "$venv/source" --strip-components 1
    # It leaves out what makes `test` a package, and one module that the integration tests import.
    cp "$here"/missing/*.py "$venv/source/test/"
    printf '%s\n' "$wanted" >"$venv/.requirements.sha256"
fi

# As their broker is set up: four partitions, short sessions, rights are checked and everybody has all.
PINLINE_LOG_NUM_PARTITIONS=4 PINLINE_KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS=1000 \
    PINLINE_ACL_ENABLED=true PINLINE_SUPER_USERS=User:ANONYMOUS PINLINE_PIPELINE=$root/Pipelines/pinterest "$pinline" serve --data "$work/data" \
    --ingest 127.0.0.1:0 --kafka 127.0.0.1:0 --web 127.0.0.1:0 >"$work/server.log" 2>&1 </dev/null &
server=$!
address=""
for _ in $(seq 100); do
    kill -0 $server 2>/dev/null || die "pinline ended at once: $(tail -n 5 "$work/server.log")"
    address=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["kafka"])' "$work/data/endpoints.json" \
        2>/dev/null) && break
    sleep 0.1
done
[ -n "$address" ] || die "pinline was not ready within 10 seconds: $(tail -n 5 "$work/server.log")"

# KAFKA_URI makes their fixtures use a server that runs already, though they look for the folder of their own.
mkdir -p "$work/broker"
# 3.0 is the version for which kafka-python takes the server, by the requests that it answers.
write=no
if [ "${1:-}" = --write ]; then write=yes; shift; fi
cd "$venv/source"
status=0
KAFKA_VERSION=3.0 KAFKA_ROOT="$work/broker" KAFKA_URI=kafka://$address PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" -m pytest \
    -p no:cacheprovider -q --color=no --durations=0 --timeout 120 --show-capture=no --ignore test/integration/test_ssl_integration.py \
    --junitxml "$work/results.xml" test/integration "$@" \
    2>&1 </dev/null | tee "$work/pytest.log" | tail -n "${LINES_SHOWN:-60}" || status=$?
if [ $# -gt 0 ]; then exit $status; fi
[ -f "$work/results.xml" ] || die "pytest did not come to its end"
WRITE=$write "$venv/bin/python" "$here/compare.py" "$work/results.xml" "$here/passes.txt"
