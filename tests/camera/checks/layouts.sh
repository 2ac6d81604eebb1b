# Layouts, sizes and rates, by what the program sees in the pictures: it finds the face.
# shellcheck shell=sh

# face_in FOURCC FOLDER NUM/DEN FPS: the face fed through a loopback in that layout.
face_in() {
    feed /dev/video0 320x240 "$1" "$3" "/frames/$2" play=100000
    live "face_$2" --camera 0
    sleep 4
    stop_live
    stop_feed
    detail="$(of end frames) analysed, $(of end lost) lost"
    ok "$1: the face is found" sees_face
    detail="$(of start fps) fps"
    ok "$1: the rate is $3, as announced" holds "$(of start fps) > $4 - 0.001 && $(of start fps) < $4 + 0.001"
    ok "$1: times come from the driver" test "$(of start timestamp_source)" = driver
    ok "$1: numbers fit times" counts_true "$4"
}
face_in YUYV yuyv 30000/1001 29.97003
face_in MJPG mjpg 30/1 30
face_in GREY gray 120/1 120
face_in NV12 nv12 15/1 15

# Two cameras at once, one of them with a size that is no multiple of anything.
feed /dev/video0 333x251 GREY 10/1 /frames/odd play=100000
other=$feeder
feed /dev/video1 320x240 YUYV 10/1 /frames/yuyv play=100000
live two --camera side
second=$live_pid
live odd --camera 0
sleep 2
stop_live
ok "333x251: the size is kept" test "$(of start width)x$(of start height)" = 333x251
ok "333x251: the face is found" sees_face
run=/tmp/two
live_pid=$second
stop_live
ok "a second camera, by its name" test "$(of start source) $(of start width)" = "SideCam 320"
ok "and its face" sees_face
stop_feed
kill "$other"
wait "$other" 2>/dev/null

live vivid_nv12 --camera vivid-000 --pixel-format nv12 --width 320 --height 180 --fps 10 --exposure 5
sleep 4
stop_live
detail="$(of end frames)"
ok "vivid's NV12: frames are analysed" holds "$(of end frames) > 5"
ok "vivid's NV12: times come from the driver" test "$(of start timestamp_source)" = driver
ok "vivid's NV12: the rate asked for is set" test "$(of start fps)" = 10.0
ok "vivid's NV12: numbers fit times" counts_true 10
ok "a control that it does not have is a warning" says 'exposure was not set'
