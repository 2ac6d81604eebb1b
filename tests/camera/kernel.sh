#!/usr/bin/env bash
# kernel.sh CACHE: Debian's newest kernel and its camera drivers without hardware, unpacked into CACHE, never installed:
# vivid as the kernel brings it, v4l2loopback built for it. Does nothing when CACHE has them.
set -euo pipefail
cache=$1
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/system-packages.sh
. "$here/../../scripts/system-packages.sh"

version=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: linux-image-//p' | head -n1)
[ -n "$version" ] || { say "apt-cache knows no linux-image-amd64; run apt-get update"; exit 1; }
[ "$(cat "$cache/kernel-version" 2>/dev/null)" != "$version" ] || exit 0

say "Unpacking Linux $version and building v4l2loopback for it"
install_packages "the headers of the test machine's kernel" "linux-headers-$version"
rm -rf "$cache/unpacked" "$cache/drivers"
mkdir -p "$cache/packages" "$cache/unpacked" "$cache/drivers"
(cd "$cache/packages" && apt-get download -qq "linux-image-$version" v4l2loopback-dkms >&2)
for package in "$cache"/packages/linux-image-"$version"_*.deb "$cache"/packages/v4l2loopback-dkms_*.deb; do
    dpkg-deb -x "$package" "$cache/unpacked"
done
cp "$cache/unpacked/boot/vmlinuz-$version" "$cache/vmlinuz"

modules=$cache/unpacked/lib/modules/$version
make -s -C "/lib/modules/$version/build" M="$(echo "$cache"/unpacked/usr/src/v4l2loopback-*)" modules >&2
cp "$cache"/unpacked/usr/src/v4l2loopback-*/v4l2loopback.ko "$cache/drivers/"
# vivid and what it needs, in the order in which it must be loaded.
depmod -b "$cache/unpacked" "$version"
sed -n 's/:/ /; /\/vivid\.ko /p' "$modules/modules.dep" | tr ' ' '\n' | tac | while read -r module; do
    [ -n "$module" ] || continue
    cp "$modules/$module" "$cache/drivers/"
    basename "$module" .ko
done >"$cache/drivers/order"
rm -rf "$cache/unpacked"
echo "$version" >"$cache/kernel-version"
