# Frames that are lost on the way: each is counted, with the reason.
# shellcheck shell=sh

live dropped --camera 10 --pixel-format gray --width 320 --height 180 --fps 5
sleep 3
v4l2-ctl -d 10 -c percentage_of_dropped_buffers=40
sleep 6
v4l2-ctl -d 10 -c percentage_of_dropped_buffers=0
sleep 1
for _ in 1 2 3 4 5; do
    v4l2-ctl -d 10 -c inject_v4l2_buf_flag_error=1
    sleep 1
done
stop_live
detail="$(gaps driver) lost"
ok "frames that the driver dropped are gaps, by its sequence numbers" holds "$(gaps driver) >= 4"
ok "numbers fit times all the same" counts_true 5
detail="$(gaps corrupt) of 5"
ok "frames that the driver calls broken are gaps" holds "$(gaps corrupt) >= 3 && $(gaps corrupt) <= 5"

# Only what is analysed is decoded, so the analysis must keep up: landmarks take 2 s here.
landmark_hz=0.2
feed /dev/video0 320x240 MJPG 5/1 /frames/broken play=100000
live jpegs --camera 0
sleep 9
stop_live
stop_feed
detail="$(gaps corrupt) corrupt, $(of end frames) analysed"
ok "JPEG pictures that cannot be decoded are gaps" holds "$(gaps corrupt) >= 3"
ok "and the others are analysed" sees_face

steps=
while [ ${#steps} -lt 4000 ]; do
    steps="$steps play=6 short=2"
done
# shellcheck disable=SC2086
feed /dev/video0 320x240 GREY 5/1 /frames/gray $steps
live short --camera 0
sleep 7
stop_live
stop_feed
detail="$(gaps corrupt) corrupt, $(of end frames) analysed"
ok "pictures of the wrong length are gaps" holds "$(gaps corrupt) >= 4"
ok "and the others are analysed" sees_face
landmark_hz=
