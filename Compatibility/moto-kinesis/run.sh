#!/usr/bin/env bash
# Runs moto's own tests of Kinesis, from its source distribution, against `pinline serve` in moto's server mode, and
# compares with passes.txt. Exit code 1 if a test of that list does not pass.
#
#   PINLINE_BIN=FILE  the program (default .build/release/pinline)
#   --write           makes passes.txt anew from this run
#   other arguments   go to pytest, such as -k NAME; then nothing is compared
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
pinline=${PINLINE_BIN:-$root/.build/release/pinline}
venv=$root/.venv-moto-kinesis
work=$(mktemp -d "${TMPDIR:-/tmp}/pinline-moto-kinesis.XXXXXX")

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
    echo "Installing requirements.txt into .venv-moto-kinesis"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    # The tests are in the source distribution only.
    "$venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary moto \
        --dest "$venv/source" "$(grep ^moto "$here/requirements.txt")"
    tar -xzf "$venv"/source/moto-*.tar.gz -C "$venv/source" --strip-components 1 --wildcards '*/tests/*.py'
    printf '%s\n' "$wanted" >"$venv/.requirements.sha256"
fi

# The account is moto's.
PINLINE_KINESIS_ACCOUNT_ID=123456789012 PINLINE_PIPELINE=$root/Pipelines/pinterest "$pinline" serve \
    --data "$work/data" --ingest 127.0.0.1:0 --kafka 127.0.0.1:0 --web 127.0.0.1:0 >"$work/server.log" 2>&1 </dev/null &
server=$!
address=""
for _ in $(seq 100); do
    kill -0 $server 2>/dev/null || die "pinline ended at once: $(tail -n 5 "$work/server.log")"
    address=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["ingest"])' "$work/data/endpoints.json" \
        2>/dev/null) && break
    sleep 0.1
done
[ -n "$address" ] || die "pinline was not ready within 10 seconds: $(tail -n 5 "$work/server.log")"

write=no
if [ "${1:-}" = --write ]; then write=yes; shift; fi
cd "$venv/source"
status=0
TEST_SERVER_MODE=true TEST_SERVER_MODE_ENDPOINT=http://$address MOTO_CALL_RESET_API=false \
    AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_DEFAULT_REGION=us-east-1 \
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here:$PWD "$venv/bin/python" -m pytest \
    -p no:cacheprovider -p pinline_server -q --color=no --timeout 120 --show-capture=no \
    --ignore tests/test_kinesis/test_kinesis_cloudformation.py --ignore tests/test_kinesis/test_server.py \
    --junitxml "$work/results.xml" tests/test_kinesis "$@" \
    2>&1 </dev/null | tee "$work/pytest.log" | tail -n "${LINES_SHOWN:-60}" || status=$?
if [ $# -gt 0 ]; then exit $status; fi
[ -f "$work/results.xml" ] || die "pytest did not come to its end"
WRITE=$write "$venv/bin/python" "$here/../kafka-python/compare.py" "$work/results.xml" "$here/passes.txt"
