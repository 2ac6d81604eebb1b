#!/usr/bin/env bash
# Everything that must hold of the Python package.
#
#   scripts/check-python.sh wheel            builds the wheel as users get it, installs it into a fresh environment, runs the
#                                            README's lines, then all tests, the notebook, types and style (`./check --python`)
#   scripts/check-python.sh library FILE     the same tests on a library that was built already, without a wheel (`./check`)
#
# Environments lie in target/python; `pip` installs what is missing there. ONSET_BINARY is the program that results are compared
# with.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
work="${CARGO_TARGET_DIR:-$root/target}/python"
python=${PYTHON:-python3}
mode=${1:?wheel, or library FILE}

say() { printf '%s\n' "$*" >&2; }

# venv NAME PACKAGE...: an environment with these packages; made once.
venv() {
    local dir=$work/$1
    shift
    [ -x "$dir/bin/python" ] || "$python" -m venv "$dir"
    if ! "$dir/bin/python" -m pip install -q --disable-pip-version-check "$@"; then
        say "check: pip cannot install $*: is there a way to the package index?"
        return 1
    fi
}

# The extras of python/pyproject.toml that are named, as requirements.
extras() {
    "$python" - "$@" <<'PYTHON'
import sys, tomllib
with open("python/pyproject.toml", "rb") as file:
    project = tomllib.load(file)["project"]
print(*project["dependencies"], *(name for extra in sys.argv[1:] for name in project["optional-dependencies"][extra]), sep="\n")
PYTHON
}

mkdir -p "$work"
extras ray examples test >"$work/requirements.txt"

case $mode in
    wheel)
        venv build 'maturin>=1.16,<2'
        rm -rf "$work/wheels" "$work/fresh"
        PATH="$work/build/bin:$PATH" maturin build --release --locked -m python/Cargo.toml -o "$work/wheels"
        wheel=$(echo "$work"/wheels/*.whl)
        bytes=$(stat -c %s "$wheel" 2>/dev/null || stat -f %z "$wheel")
        printf 'wheel: %s, %.1f MB\n' "$(basename "$wheel")" "$(awk "BEGIN { print $bytes / 1e6 }")"
        if [ "$bytes" -ge 45000000 ]; then
            say "check: the wheel has 45 MB or more"
            exit 1
        fi
        # What a new user does: nothing but the wheel, and the README's lines on a clip called clip.mp4.
        venv fresh "$wheel"
        mkdir -p "$work/first"
        cp python/examples/clips/portrait_11.mkv "$work/first/clip.mp4"
        sed -n '/^```python$/,/^```$/p' python/README.md | sed '1d;/^```$/,$d' >"$work/first/readme.py"
        (cd "$work/first" && "$work/fresh/bin/python" readme.py)
        venv test -r "$work/requirements.txt"
        "$work/test/bin/python" -m pip install -q --disable-pip-version-check --force-reinstall --no-deps "$wheel"
        : "${ONSET_BINARY:=${CARGO_TARGET_DIR:-$root/target}/release/onset}"
        ;;
    library)
        venv test -r "$work/requirements.txt"
        # The package as it would be installed, with the library that was built.
        rm -rf "$work/library"
        mkdir -p "$work/library"
        cp -R python/package/onset "$work/library/onset"
        cp "${2:?the library}" "$work/library/onset/_onset.abi3.so"
        export PYTHONPATH="$work/library"
        : "${ONSET_BINARY:=${CARGO_TARGET_DIR:-$root/target}/debug/onset}"
        ;;
    *)
        say "check: unknown: $mode"
        exit 2
        ;;
esac
export ONSET_BINARY
if [ ! -x "$ONSET_BINARY" ]; then
    say "check: there is no program at $ONSET_BINARY to compare with; build it with cargo build --release"
    exit 1
fi

run="$work/test/bin/python"
"$run" -m ruff check python
"$run" -m ruff format --check python
(cd python && "$run" -m mypy package/onset)
"$run" python/examples/run_notebooks.py
"$run" -m pytest -q python/tests
