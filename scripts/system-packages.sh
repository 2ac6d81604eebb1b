# Sourced by ./run and ./check: finds Rust, and installs the system packages that are missing (it says which, first).
# shellcheck shell=bash

# A compiler and linker; libclang, with which the camera library reads the system's headers.
BUILD_PACKAGES=(build-essential pkg-config libclang-dev)
# Video files; the window (both libraries are loaded when it opens).
RUN_PACKAGES=(ffmpeg libx11-6 libxcursor1)
# A screen for the tests of the window, a browser for those of the label page, the sound library that feature `audio` needs.
TEST_PACKAGES=(xvfb xauth x11-apps xdotool chromium chromium-driver libasound2-dev)
# Python environments for the tests of the Python package.
PYTHON_PACKAGES=(python3 python3-venv)
# A machine in software emulation with cameras without hardware, for `./check --camera`.
CAMERA_PACKAGES=(qemu-system-x86 busybox-static v4l-utils kmod cpio zstd ffmpeg)

say() { printf '%s\n' "$*" >&2; }

find_cargo() {
    local root=$1 have need
    command -v cargo >/dev/null 2>&1 || PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
    if ! command -v cargo >/dev/null 2>&1; then
        say "Rust is missing. Install it from https://rustup.rs, then run this again."
        return 1
    fi
    have=$(cargo --version | cut -d' ' -f2)
    need=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
    if [ "$(printf '%s\n%s\n' "$need" "$have" | sort -V | head -n1)" != "$need" ]; then
        say "Rust $have is too old: Onset needs $need or newer. Run: rustup update stable (or install from https://rustup.rs)"
        return 1
    fi
}

# True where the named Debian package is installed.
has_package() {
    [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null | cut -c1-2)" = ii ]
}

# install_packages WHAT_FOR PACKAGE...: installs those that are missing; says so first.
install_packages() {
    local what_for=$1 package missing=() as_root=()
    shift
    for package in "$@"; do
        has_package "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            say "Missing $what_for: ${missing[*]}"
            say "There is no sudo here. As root, run: apt-get install ${missing[*]}"
            return 1
        fi
        as_root=(sudo)
    fi
    say "Installing $what_for with apt-get: ${missing[*]}"
    # `env`, as sudo drops variables. An update that fails (offline) does not matter where the lists are there already.
    if [ -z "${APT_UPDATED:-}" ]; then
        "${as_root[@]}" apt-get update -qq >&2 || say "apt-get update failed; trying with the package lists at hand"
        APT_UPDATED=1
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# True where Python can make environments; installs what is missing of it. What the Python package needs is in python/pyproject.toml.
python_is_there() {
    local need=3.11 have
    if ! python3 -c 'import venv, ensurepip' 2>/dev/null && command -v apt-get >/dev/null 2>&1; then
        install_packages "Python environments" "${PYTHON_PACKAGES[@]}" || true
    fi
    if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
        say "note: the Python package is left out: python3 with venv is missing"
        return 1
    fi
    have=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ "$(printf '%s\n%s\n' "$need" "$have" | sort -V | head -n1)" != "$need" ]; then
        say "note: the Python package is left out: it needs Python $need, this is $have"
        return 1
    fi
}

# What to install where there is no apt-get.
print_other_systems() {
    say "This system has no apt-get, so nothing is installed for you. Onset needs a C compiler, libclang, and ffmpeg:"
    say "  Fedora:   sudo dnf install gcc clang-devel ffmpeg-free libX11 libXcursor"
    say "  Arch:     sudo pacman -S --needed base-devel clang ffmpeg libx11 libxcursor"
    say "  macOS:    xcode-select --install; brew install ffmpeg"
    say "  Windows:  Visual Studio Build Tools with C++; winget install LLVM.LLVM Gyan.FFmpeg; then: cargo run --release"
}

# prepare ROOT [test|camera]: everything that a build, a run, and with `test` or `camera` the tests need.
prepare() {
    find_cargo "$1" || return 1
    if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
        print_other_systems
        return 0
    fi
    install_packages "what the build needs" "${BUILD_PACKAGES[@]}" || return 1
    install_packages "video decoding and the window's libraries" "${RUN_PACKAGES[@]}" ||
        say "Going on without: video files or the window may not work."
    if [ "${2:-}" = test ]; then
        install_packages "a screen, a browser and the sound library for the tests" "${TEST_PACKAGES[@]}" ||
            say "Going on without: the window and browser tests will be skipped."
    fi
    if [ "${2:-}" = camera ]; then
        install_packages "the machine of the camera checks" "${CAMERA_PACKAGES[@]}" || return 1
    fi
}
