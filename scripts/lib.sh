# Shared by the scripts beside it: messages, and long steps that show how far they are. Source it, do not run it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
me=$(basename "$0")
step_group=""

say() { printf '%s\n' "$*"; }
warn() { printf '%s: %s\n' "$me" "$*" >&2; }

# Says what is wrong and what to do, and ends the script with 1.
die() {
    warn "$*"
    exit 1
}

# Ends the script with 2: the command line is wrong.
usage_error() {
    warn "$1"
    printf 'usage: %s\n' "$2" >&2
    exit 2
}

# Ends the long step that is running, and everything it started.
stop_step() {
    [ -n "$step_group" ] || return 0
    kill -TERM -- "-$step_group" 2>/dev/null || true
    wait "$step_group" 2>/dev/null || true
    step_group=""
}

last_line() { tail -c 600 "$1" 2>/dev/null | tr '\r' '\n' | grep -v '^ *$' | tail -n 1 | tr -dc '[:print:]'; }

# step LABEL LOG COMMAND...: runs the command with its output in LOG. A terminal sees the time and the command's last
# line, a file or a pipe sees a line every 20 seconds. If it fails, the end of LOG is shown and its status returned.
step() {
    local label=$1 log=$2 started=$SECONDS shown=0 status=0 elapsed polls=0
    shift 2
    mkdir -p "$(dirname "$log")"
    # A process group of its own, so that all of it can be ended; it must not wait for the terminal.
    set -m
    "$@" >"$log" 2>&1 </dev/null &
    step_group=$!
    set +m
    while kill -0 "$step_group" 2>/dev/null; do
        sleep 0.1
        polls=$((polls + 1))
        elapsed=$((SECONDS - started))
        if [ -t 1 ] && [ $((polls % 5)) = 0 ]; then
            printf '\r\033[K  %s: %d s  %.60s' "$label" "$elapsed" "$(last_line "$log")"
        elif [ ! -t 1 ] && [ $((elapsed / 20)) -gt "$shown" ]; then
            shown=$((elapsed / 20))
            printf '  %s: %d s  %.90s\n' "$label" "$elapsed" "$(last_line "$log")"
        fi
    done
    wait "$step_group" || status=$?
    step_group=""
    if [ -t 1 ]; then printf '\r\033[K'; fi
    if [ "$status" != 0 ]; then
        say "  $label: failed after $((SECONDS - started)) s; the end of $log:"
        tail -n 30 "$log" >&2
        return "$status"
    fi
    if [ $((SECONDS - started)) -ge 2 ]; then say "  $label: done in $((SECONDS - started)) s"; fi
}

# 1234567 -> 1,234,567
thousands() { printf '%s' "$1" | sed -e ':a' -e 's/\([0-9]\)\([0-9]\{3\}\)\($\|,\)/\1,\2\3/;ta'; }

build_stamp=$root/.build/pinline.built

# build LOG ARGUMENT...: `swift build -c release` with these arguments. The stamp says when the last good build began.
build() {
    local log=$1
    shift
    cd "$root"
    mkdir -p .build
    touch "$build_stamp.new"
    step "swift build" "$log" swift build -c release "$@" || die "the build failed; the whole log: $log"
    mv -f "$build_stamp.new" "$build_stamp"
}

# Builds the program unless nothing it is made of has changed since the last good build.
build_program() {
    if [ -x "$root/.build/release/pinline" ] && [ -f "$build_stamp" ] &&
        [ -z "$(find "$root/Sources" "$root/Package.swift" -newer "$build_stamp" -print -quit)" ]; then
        say "  up to date"
    else
        build "$root/.build/build.log" --product pinline
    fi
}
