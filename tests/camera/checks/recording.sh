# Sessions from a driver: every frame that it numbered is in the file or in a gap, and JPEGs are stored as they came.
# shellcheck shell=sh

# recorded FOURCC FOLDER FPS STORED: a session from a loopback in that layout, ended by the operator.
recorded() {
    session=/tmp/session_$2
    feed /dev/video0 320x240 "$1" "$3/1" "/frames/$2" play=100000
    run=/tmp/record_$2
    onset record --protocol interview --participant P01 --purpose research --out "$session" --headless --accept-consent \
        --camera 0 --landmark-hz 1 --json >"$run.out" 2>"$run.err" &
    live_pid=$!
    await "$session/log.jsonl" '"what":"step"'
    sleep 8
    stop_live
    stop_feed
    ok "$1: the session ends when it is asked to" shows '"how": "stopped"'
    onset session check --json "$session" >"$run.out" 2>"$run.err"
    detail="$(found frames) frames, $(found frames_lost) lost, $(found bytes) bytes"
    ok "$1: the file is whole" shows '"is_whole": true'
    ok "$1: frames are in it" holds "$(found frames) > 20"
    ok "$1: every frame is there or in a gap" shows '"frames_unexplained": 0'
    ok "$1: it is stored as it should be" grep -q "stored_as = \"$4\"" "$session/session.toml"
    ok "$1: times are the driver's" grep -q 'timestamp_source = "driver"' "$session/session.toml"
    rm -rf "$session"
}

# found KEY: a number of the findings.
found() {
    sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" "$run.out" | head -n 1
}

recorded MJPG mjpg 30 "as it came"
recorded YUYV yuyv 30 med-zstd

# The camera falls silent in mid-session: the protocol goes on, the silence is a gap, and what came before is whole.
feed /dev/video0 320x240 MJPG 30/1 /frames/mjpg play=100000
run=/tmp/record_lost
onset record --protocol interview --participant P01 --purpose research --out /tmp/session_lost --headless --accept-consent \
    --camera 0 --landmark-hz 1 --json >"$run.out" 2>"$run.err" &
live_pid=$!
await /tmp/session_lost/log.jsonl '"what":"step"'
sleep 5
stop_feed
join_live
ok "a camera that stops: the session ends by its protocol" test "$code" = 0
ok "a camera that stops: its silence is a gap in the log" grep -q '"what":"gap".*stalled' /tmp/session_lost/log.jsonl
onset session check --json /tmp/session_lost >"$run.out" 2>"$run.err"
detail="$(found frames) frames"
ok "a camera that stops: the file is whole" shows '"is_whole": true'
ok "a camera that stops: every frame is there or in a gap" shows '"frames_unexplained": 0'
rm -rf /tmp/session_lost
