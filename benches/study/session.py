#!/usr/bin/env python3
"""One session of a synthetic participant. Called by make.sh:

session.py plan PARTICIPANT STIMULUS DIR     the protocol (DIR/protocol.toml, DIR/images), the clips that it needs in their order
                                             (DIR/clips.tsv: seed, seconds, options of `onset synth`) and the light (DIR/room.txt)
session.py check DIR FRAMES                  the joined video has the frames that the protocol takes
session.py codings PARTICIPANT DIR           the clips' truth (DIR/truth.csv) on the session's clock (DIR/session.csv): DIR/codings.csv
"""

import csv
import pathlib
import random
import struct
import sys
import zlib

FPS, CALIBRATION_S, BLOCK_S = 25, 5, 8
# As many events and smiles as synth places; large ones, so that a still crop shows them. Masked smiles have sizes of their own.
MICRO = "--events-per-minute 30 --amplitude 9..12 --distractors blink=6"
MASKED = "--events-per-minute 0 --smiles-per-minute 15 --distractors blink=6"
CALM = "--events-per-minute 0 --distractors blink=6"
TARGETS = {
    "anger": f"{MICRO} --emotions anger",
    "sadness": f"{MICRO} --emotions sadness",
    "happiness": f"{MICRO} --emotions happiness",
    "disgust": f"{MICRO} --emotions disgust",
    "contempt": f"{MICRO} --emotions contempt",
    "happy_but_sad": f"{MASKED} --smiles masked_sad",
    "happy_but_angry": f"{MASKED} --smiles masked_angry",
}


def first_seed(participant, stimulus):
    """Seeds of a session's clips: the calm opening has this one, the target at place N of `TARGETS` has N + 1 more."""
    return 100 * int(participant.lstrip("P")) + 10 * ("questionnaire", "image").index(stimulus)


def plan(participant, stimulus, folder):
    chance = random.Random(f"{participant}-{stimulus}")
    targets = list(TARGETS)
    chance.shuffle(targets)
    seed = first_seed(participant, stimulus)
    clips = [(seed, CALIBRATION_S, CALM)]
    clips += [(seed + 1 + list(TARGETS).index(target), BLOCK_S, TARGETS[target]) for target in targets]
    # The recording ends with the first frame after the last step: the opening once more.
    clips.append(clips[0])
    (folder / "clips.tsv").write_text("".join("\t".join(map(str, clip)) + "\n" for clip in clips))

    lines = [f'name = "study-{stimulus}"', f'stimulus = "{stimulus}"', f"calibration_s = {CALIBRATION_S}", 'order = "as_written"']
    if stimulus == "image":
        (folder / "images").mkdir(exist_ok=True)
        lines.append('images = "images"')
    for target in targets:
        lines += ["", "[[block]]", f'target = "{target}"', "", "[[block.step]]"]
        if stimulus == "image":
            (folder / "images" / f"{target}.png").write_bytes(gray_png(8))
            lines += ['kind = "image"', f'image = "{target}.png"']
        else:
            lines += ['kind = "question"', 'text = "What comes to your mind?"']
        lines.append(f"duration_s = {BLOCK_S}")
    (folder / "protocol.toml").write_text("\n".join(lines) + "\n")

    # Gamma and saturation of the session's light; temporal noise of about 2 levels.
    light = f"eq=gamma={chance.uniform(0.85, 1.15):.3f}:saturation={chance.uniform(0.8, 1.2):.3f}"
    (folder / "room.txt").write_text(f"{light},noise=all_seed={seed}:alls=6:allf=t\n")


def gray_png(side_px):
    """A plain gray picture: nobody looks at it, but a protocol's images must be there."""
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + b"\x80" * side_px) * side_px
    head = struct.pack(">IIBBBBB", side_px, side_px, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def check(folder, frames):
    clips = [line.split("\t") for line in (folder / "clips.tsv").read_text().splitlines()]
    wanted = sum(round(float(seconds) * FPS) for _, seconds, _ in clips)
    if frames != wanted:
        sys.exit(f"study: {folder / 'camera.mkv'} has {frames} frames, its clips should have {wanted}: steps and clips would not line up")


def codings(participant, folder):
    with open(folder / "session.csv", newline="") as file:
        steps = [row for row in csv.DictReader(file) if row["what"] == "step" and row["label"] in TARGETS]
    if len(steps) != len(TARGETS):
        sys.exit(f"study: {folder / 'session.csv'}: {len(steps)} steps with a target, not {len(TARGETS)}")
    # Steps and clips have the same times only while every step begins with the first frame of its clip.
    for number, step in enumerate(steps):
        due_s = float(steps[0]["onset_s"]) + number * BLOCK_S
        if abs(float(step["onset_s"]) - due_s) > 0.5 / FPS:
            sys.exit(f"study: {folder / 'session.csv'}: step {step['id']} begins at {step['onset_s']} s, its clip at {due_s:.3f} s")
    clip_of = {row["label"]: row for row in steps}
    stimulus = folder.name.split("-", 1)[1]
    by_clip = {
        f"{participant}_{first_seed(participant, stimulus) + 1 + place}": float(clip_of[target]["onset_s"])
        for place, target in enumerate(TARGETS)
    }
    columns = ["kind", "label", "onset_s", "apex_s", "offset_s", "action_units", "note"]
    with open(folder / "truth.csv", newline="") as file, open(folder / "codings.csv", "w", newline="") as out:
        table = csv.DictWriter(out, columns, lineterminator="\n")
        table.writeheader()
        for row in csv.DictReader(file):
            # Smiles and blinks are no events of their own in the study.
            if row["kind"] not in ("micro", "masked") or row["clip"] not in by_clip:
                continue
            times = {key: f"{by_clip[row['clip']] + float(row[key]):.6f}" for key in ("onset_s", "apex_s", "offset_s")}
            note = f"{row['amplitude_icd']} ICD, {row['sides']}"
            table.writerow({"kind": row["kind"], "label": row["emotion"], "action_units": row["aus"], "note": note, **times})


def main():
    what, *rest = sys.argv[1:] or [""]
    if what == "plan" and len(rest) == 3:
        plan(rest[0], rest[1], pathlib.Path(rest[2]))
    elif what == "check" and len(rest) == 2:
        check(pathlib.Path(rest[0]), int(rest[1].strip().strip(",")))
    elif what == "codings" and len(rest) == 2:
        codings(rest[0], pathlib.Path(rest[1]))
    else:
        sys.exit(__doc__)


main()
