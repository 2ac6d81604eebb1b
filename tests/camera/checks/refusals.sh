# Cameras that cannot be had: each says why and what to do, and ends with an exit code.
# shellcheck shell=sh

refused absent --camera 7
ok "no such number: what there is" says 'there are: '
ok "it ends with an error" holds "$code == 1"
refused unknown --camera Nonesuch
ok "no such name: what there is" says '10 "vivid-000-vid-cap"'
refused output --camera 11
ok "an output is no camera" says 'there are: '

refused size --camera 10 --width 123 --height 45
ok "no such size: what it has" says 'it cannot deliver width 123, height 45; it has '
refused rate --camera 10 --width 320 --height 180 --fps 33
ok "no such rate" says 'it cannot deliver width 320, height 180, 33 fps'

chmod 600 /dev/video10
su nobody -c "timeout 60 onset live --headless --camera 10" >nobody_live.out 2>nobody_live.err
code=$?
run=/tmp/nobody_live
# shellcheck disable=SC2016
ok "no permission: what to do" says 'permission denied; add your user to the group `video`'
ok "it ends with an error" holds "$code == 1"

v4l2-ctl -d 10 --stream-mmap --stream-to=/dev/null >/dev/null 2>&1 &
holder=$!
sleep 1
refused busy --camera 10
ok "used by another program: what to do" says 'another program uses this camera; close it'
kill "$holder"
wait "$holder" 2>/dev/null
