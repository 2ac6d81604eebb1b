# Cameras that fall silent or go away: they come back, or the session ends with their name; and stopping always works.
# shellcheck shell=sh

# Few landmarks: a busy analysis would put a part of the silence into the gap that it made itself.
landmark_hz=0.2
feed /dev/video0 320x240 GREY 10/1 /frames/gray play=100000
live stall --camera 0
sleep 3
kill -STOP "$feeder"
sleep 5
kill -CONT "$feeder"
sleep 3
detail="$(gaps stalled) frames of 50"
ok "a silence of 5 s is a gap" holds "$(gaps stalled) >= 8 && $(gaps stalled) <= 55"
ok "of as many frames as would have come, and more follow" counts_true 10

kill "$feeder"
wait "$feeder" 2>/dev/null
sleep 3
feed /dev/video0 320x240 GREY 10/1 /frames/gray play=100000
sleep 3
ok "a feeder dies and 4 s later another takes its place: numbers still fit times" counts_true 10

kill -STOP "$feeder"
sleep 4
before=$(now)
stop_live
detail="$(awk "BEGIN { print $(now) - $before }") s"
ok "a session is stopped while its camera is silent" holds "$(now) - $before < 3"
ok "and ends well" holds "$code == 0"
kill -CONT "$feeder"
stop_feed
landmark_hz=

live unplugged --camera 10 --pixel-format gray --width 320 --height 180 --fps 10
sleep 2
v4l2-ctl -d 10 -c disconnect=1
sleep 5
stop_live
detail="$(gaps stalled) frames lost"
ok "a camera that was unplugged comes back" holds "$(gaps stalled) >= 1"
ok "numbers fit times all the same" counts_true 10
ok "the session ends well" test "$(of end error)" = null

feed /dev/video0 320x240 GREY 10/1 /frames/gray play=100000
live dead --camera 0
stop_feed
join_live
ok "a camera that stays away ends the session with its name" says 'FaceCam: no frame for 3'
ok "and with an error" holds "$code == 1"
ok "which the last line has too" grep -q '"type":"end".*no frame for' "$run.out"
