# Run in the test machine: the program against cameras without hardware. One line a check, then how many there were.
# shellcheck shell=sh
echo
. /lib.sh
cd /tmp || exit 1

while read -r module; do
    # A webcam with files for metadata and output beside it, as real ones have; and an input that takes any size.
    options=
    [ "$module" != vivid ] || options="n_devs=2 vid_cap_nr=10,20 vid_out_nr=11 meta_cap_nr=12 node_types=0x20101,0x1
        num_inputs=1,1 input_types=0,1"
    # shellcheck disable=SC2086
    insmod "/drivers/$module.ko" $options || exit 1
done </drivers/order
insmod /drivers/v4l2loopback.ko devices=2 video_nr=0,1 exclusive_caps=1,1 card_label=FaceCam,SideCam max_buffers=4
# Times of vivid's frames are those of their beginning: those of their end are in the future when it hands them out.
v4l2-ctl -d 10 -c timestamp_source=1

. /checks/listing.sh
. /checks/refusals.sh
. /checks/layouts.sh
. /checks/losses.sh
. /checks/returns.sh
. /checks/recording.sh

echo "1..$number"
echo "# $failures failed; $(now) s in the test machine"
