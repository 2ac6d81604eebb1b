#!/usr/bin/env bash
# machine.sh CACHE ONSET FEEDER [SCRIPT]: boots a Debian kernel in software emulation, with a file system in memory that
# holds the program, the feeder, the frames and the camera drivers of CACHE, and runs SCRIPT (checks.sh) in it.
# Its console is the standard output. Nothing of the machine that runs this is changed or needed but its processor.
set -euo pipefail
cache=$1
onset=$2
feeder=$3
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
script=${4:-$here/checks.sh}

root=$cache/root
rm -rf "$root"
mkdir -p "$root"/{bin,etc,proc,sys,dev,tmp,drivers,root}
cp "$(command -v busybox)" "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
cp "$here/init" "$root/init"
chmod 755 "$root/init"
cp "$script" "$root/checks.sh"
cp -r "$here/lib.sh" "$here/checks" "$root/"
cp "$onset" "$root/bin/onset"
cp "$feeder" "$root/bin/camera-feeder"
cp "$(command -v v4l2-ctl)" "$root/bin/v4l2-ctl"
cp -r "$cache/frames" "$root/frames"
cp "$cache"/drivers/* "$root/drivers/"
printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/tmp:/bin/sh\n' >"$root/etc/passwd"
# Every shared library that these programs name, at the path that they name.
ldd "$root/bin/onset" "$root/bin/camera-feeder" "$root/bin/v4l2-ctl" | grep -o '/[^ ]*\.so[^ ]*' | sort -u |
    while read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done
(cd "$root" && find . | cpio -o -H newc --quiet | zstd -q -3 -T0) >"$cache/initramfs.zst"

exec timeout "${MACHINE_SECONDS:-1500}" qemu-system-x86_64 \
    -machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 \
    -nographic -no-reboot -nodefaults -serial stdio \
    -kernel "$cache/vmlinuz" -initrd "$cache/initramfs.zst" \
    -append "console=ttyS0 quiet panic=-1 mitigations=off nokaslr"
