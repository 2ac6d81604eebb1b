"""Times Onset, MediaPipe and onnxruntime in turns. Called by run.sh: peers.py ONSET MODELS WORK ROUNDS"""

import json
import pathlib
import resource
import statistics
import subprocess
import sys
import time

import mediapipe
import numpy
import onnxruntime
from mediapipe.tasks import python as tasks
from mediapipe.tasks.python import vision

onset, models, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
rounds = int(sys.argv[4])
WIDTH, HEIGHT, SECONDS = 640, 480, 8
NETWORKS = {
    "face_detector": "face_detector.onnx",
    "face_landmarks_detector": "face_landmarks_detector.onnx",
    "face_blendshapes": "face_blendshapes.onnx",
    "expression": "expression.onnx",
    "spotter": "spotter.onnx",
}


def frames():
    raw = subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-i", work / "input.mp4", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        check=True,
        capture_output=True,
    ).stdout
    return numpy.frombuffer(raw, numpy.uint8).reshape(-1, HEIGHT, WIDTH, 3)


def media_pipe(pictures, fps):
    """CPU ms a frame and median wall ms a call, frames coming at `fps` as live; the first second is left out."""
    found = list(pathlib.Path(work / "venv").rglob("face_landmarker*.task"))
    if not found:
        sys.exit("peers: no face_landmarker.task among the installed packages")
    options = vision.FaceLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=str(found[0])),
        running_mode=vision.RunningMode.VIDEO,
        output_face_blendshapes=True,
        num_faces=1,
    )
    landmarker = vision.FaceLandmarker.create_from_options(options)
    last, warm, seen, calls = len(pictures) - 1, int(fps), 0, []
    count = int(fps * SECONDS)
    start = time.perf_counter()
    for index in range(warm + count):
        time.sleep(max(0.0, start + index / fps - time.perf_counter()))
        if index == warm:
            cpu = cpu_s()
        began = time.perf_counter()
        place = index % (2 * last)
        picture = pictures[2 * last - place if place > last else place]
        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=numpy.ascontiguousarray(picture))
        seen += bool(landmarker.detect_for_video(image, int(index * 1000 / fps)).face_landmarks)
        calls.append(1e3 * (time.perf_counter() - began))
    result = (1e3 * (cpu_s() - cpu) / count, statistics.median(calls[warm:]))
    landmarker.close()
    if seen < 0.9 * (warm + count):
        sys.exit(f"peers: MediaPipe saw a face in {seen} of {warm + count} frames only")
    return result


def cpu_s():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def live(fps):
    """The report of a whole live session, drawing included."""
    report = work / "onset.json"
    subprocess.run(
        [onset, "bench", "--input", work / "input.mp4", "--fps", str(fps), "--faces", "1", "--seconds", str(SECONDS),
         "--no-networks", "--json", report],
        check=True,
        capture_output=True,
    )
    return json.loads(report.read_text())


def onset_networks():
    lines = subprocess.run([onset, "bench", "--networks-only"], check=True, capture_output=True, text=True).stdout
    return {name: float(p50) for name, p50, _ in map(str.split, lines.splitlines())}


def other_networks(sessions):
    times = {}
    for name, session in sessions.items():
        given = session.get_inputs()[0]
        values = (numpy.arange(numpy.prod(given.shape)) * 7919 % 255 / 255).astype(numpy.float32).reshape(given.shape)
        each = []
        for run in range(55):
            began = time.perf_counter()
            session.run(None, {given.name: values})
            each.append(1e3 * (time.perf_counter() - began))
        times[name] = statistics.median(each[5:])
    return times


def row(name, ours, theirs):
    ratios = sorted(a / b for a, b in zip(ours, theirs))
    middle = statistics.median(ratios)
    print(f"| {name} | {statistics.median(ours):.2f} | {statistics.median(theirs):.2f} | {middle:.2f} | {ratios[0]:.2f}-{ratios[-1]:.2f} |")


options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
sessions = {
    name: onnxruntime.InferenceSession(models / file, options, providers=["CPUExecutionProvider"])
    for name, file in NETWORKS.items()
}
pictures = frames()
live_30, live_60, mp_30, mp_60, ours, theirs = [], [], [], [], [], []
for index in range(rounds):
    live_30.append(live(30))
    mp_30.append(media_pipe(pictures, 30))
    live_60.append(live(60))
    mp_60.append(media_pipe(pictures, 60))
    ours.append(onset_networks())
    theirs.append(other_networks(sessions))
    print(f"round {index + 1} of {rounds}", file=sys.stderr)

machine = live_30[0]["machine"]
print(f"{machine['cores']} cores, {machine['cpu']}, {machine['release']}; {rounds} rounds; mediapipe {mediapipe.__version__}, "
      f"onnxruntime {onnxruntime.__version__}, onset {machine['onset']}; load at the start {machine['load']}\n")
print("| CPU ms a frame, 640x480, one face | Onset | MediaPipe | ratio | from - to |\n|---|---|---|---|---|")
row("live at 30 fps, motion, spotter and overlay included", [r["cpu_ms_per_frame"] for r in live_30], [cpu for cpu, _ in mp_30])
row("live at 60 fps", [r["cpu_ms_per_frame"] for r in live_60], [cpu for cpu, _ in mp_60])
result = [next(f for f in r["end_to_end"] if f["name"] == "arrival to result")["p50_ms"] for r in live_30]
row("wall at 30 fps: arrival to result (Onset), one call (MediaPipe), median", result, [wall for _, wall in mp_30])
print("\n| one thread, ms a run | Onset (tract) | onnxruntime | ratio | from - to |\n|---|---|---|---|---|")
for name in NETWORKS:
    row(name, [r[name] for r in ours], [r[name] for r in theirs])
print(f"\nFrames lost: {sum(r['lost'] for r in live_30)} at 30 fps, {sum(r['lost'] for r in live_60)} at 60 fps, "
      f"of {sum(r['frames'] for r in live_30)} and {sum(r['frames'] for r in live_60)}.")
