# Sourced by checks.sh in the test machine: runs the program, reads its lines, counts what holds.
# shellcheck shell=sh

number=0
failures=0

# ok NAME COMMAND...: one line; after a failure what the last run said.
ok() {
    name=$1
    shift
    number=$((number + 1))
    if "$@"; then
        echo "ok $number - $name${detail:+ ($detail)}"
    else
        failures=$((failures + 1))
        echo "not ok $number - $name${detail:+ ($detail)}"
        echo "# failed: $*"
        [ ! -s "$run.err" ] || sed 's/^/# stderr: /' "$run.err" | tail -n 5
        [ ! -s /tmp/feeder.out ] || sed 's/^/# feeder: /' /tmp/feeder.out
        [ ! -s "$run.out" ] || cut -c1-200 "$run.out" | sed 's/^/# stdout: /' | tail -n 12
    fi
    detail=
}

# holds EXPRESSION: a comparison of numbers, for awk.
holds() {
    awk "BEGIN { exit !($1) }"
}

# refused NAME ARG...: a session that must not begin.
refused() {
    refused_name=$1
    shift
    onset_run "$refused_name" live --headless --duration 1 "$@"
}

# says TEXT: the last run's error output has it.
says() {
    grep -qF -- "$1" "$run.err"
}

# shows TEXT: the last run's output has it.
shows() {
    grep -qF -- "$1" "$run.out"
}

hides() {
    ! shows "$1"
}

now() {
    cut -d' ' -f1 /proc/uptime
}

# onset_run NAME ARG...: runs the program to its end; output, errors and exit code under its name.
onset_run() {
    run=/tmp/$1
    shift
    timeout 120 onset "$@" >"$run.out" 2>"$run.err"
    code=$?
}

# live NAME ARG...: a headless session in the background; returns once it has analysed a frame. Then stop_live.
live() {
    run=/tmp/$1
    shift
    onset live --headless --landmark-hz "${landmark_hz:-1}" --duration 300 "$@" >"$run.out" 2>"$run.err" &
    live_pid=$!
    await "$run.out" '"type":"status"'
}

# stop_live: asks the session to end, and waits for it.
stop_live() {
    kill -TERM "$live_pid" 2>/dev/null
    join_live
}

# join_live: waits until the session has ended.
join_live() {
    wait "$live_pid"
    code=$?
}

# await FILE TEXT: until the file has it, or the session has ended, or 60 s have passed.
await() {
    tries=0
    until grep -qF -- "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        { [ $tries -lt 300 ] && kill -0 "$live_pid" 2>/dev/null; } || return 1
        sleep 0.2
    done
}

# feed DEVICE SIZE FOURCC RATE FOLDER STEP...: a camera in the background. Then stop_feed.
feed() {
    camera-feeder "$@" >/tmp/feeder.out 2>&1 &
    feeder=$!
    sleep 1
}

stop_feed() {
    kill "$feeder" 2>/dev/null
    wait "$feeder" 2>/dev/null
}

# of TYPE FIELD: a field of the last line of that type.
of() {
    grep "\"type\":\"$1\"" "$run.out" | tail -n 1 | sed -n "s/.*\"$2\":\"\{0,1\}\([^,\"}]*\).*/\1/p"
}

# gaps REASON: frames lost for it, in all gap lines.
gaps() {
    grep '"type":"gap"' "$run.out" | grep "\"reason\":\"$1\"" |
        sed 's/.*"count":\([0-9]*\).*/\1/' | awk '{ n += $1 } END { print n + 0 }'
}

# rate: frames a second by the numbers and capture times of the first and the last gap: true whatever was lost.
rate() {
    grep '"type":"gap"' "$run.out" | sed 's/.*"t_s":\([0-9.]*\),"first_frame":\([0-9]*\).*/\1 \2/' |
        awk 'NR == 1 { t = $1; n = $2 } { u = $1; m = $2 } END { print (u - t > 2) ? (m - n) / (u - t) : 0 }'
}

# counts_true FPS: numbers and driver's times agree with the rate that the camera has.
counts_true() {
    measured=$(rate)
    detail="$detail${detail:+, }$measured fps by numbers and times"
    holds "$measured > $1 * 0.97 && $measured < $1 * 1.03"
}

# sees_face: the program found the face in the picture, so the layout was read rightly.
sees_face() {
    grep -q '"type":"status".*"status":"ok"' "$run.out"
}
