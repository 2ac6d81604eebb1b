# `onset devices`: what there is, with true rates, and nothing else.
# shellcheck shell=sh

onset_run devices devices
ok "the webcam is listed" shows " 10  vivid-000-vid-cap"
ok "an output is not" hides " 11  "
ok "a file for metadata is not" hides " 12  "
ok "a loopback that nobody feeds is not" hides "FaceCam"
ok "GREY is a layout" shows "gray   320x180@60  640x360@40  640x480@25"
ok "NV12 is a layout" shows "nv12   320x180@60"
ok "a camera that takes any size is listed by its ends and the common ones" grep -q \
    'gray .* 320x240@25  640x360@25  640x480@25  ' "$run.out"

onset_run json devices --json
ok "a rate of 25/2 is 12.5" shows '"fps": 12.5'

feed /dev/video0 320x240 YUYV 30000/1001 /frames/yuyv play=100000
onset_run fed devices
ok "a loopback that is fed is a camera" shows "  0  FaceCam"
ok "30000/1001 is 29.97" shows "yuyv   320x240@29.97"
onset_run fed_json devices --json
ok "and exact for programs" shows '"fps": 29.97002997'
chmod 600 /dev/video0
su nobody -c "onset devices" >nobody.out 2>nobody.err
run=/tmp/nobody
ok "a camera without permission is listed with the reason" shows "cannot be asked: permission denied"
stop_feed
