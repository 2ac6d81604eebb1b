#!/usr/bin/env bash
# `kill -9` at random moments of a recording: what is left of each?
#
#   benches/record_kill.sh [TIMES] [SEED]       default: 50 1
#
# Each session runs 2 to 6 s, is killed, checked (`onset session check`, which repairs), checked again, and played. Prints a row a session and at
# the end how many opened and how much of each was missing: the time of its death less the time of its last frame, on the session's clock.
set -euo pipefail
times=${1:-50} seed=${2:-1}
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
onset=${ONSET:-$root/target/release/onset}
work=$(mktemp -d "${TMPDIR:-/tmp}/onset-kill.XXXXXX")
trap 'rm -rf "$work"' EXIT
python3 - "$onset" "$work" "$times" "$seed" <<'PY'
import json, pathlib, random, signal, subprocess, sys, time
onset, work, times, seed = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
rng = random.Random(seed)
missing, unreadable, unexplained = [], 0, 0
print("| killed after, s | frames | missing, s | whole before repair | whole after | frames unexplained |\n|---|---|---|---|---|---|")
for n in range(times):
    session = work / f"s{n}"
    run = subprocess.Popen(
        [onset, "record", "--protocol", "interview", "--participant", "P00", "--out", session, "--input", "synthetic", "--headless",
         "--accept-consent", "--purpose", "self", "--fps", "60", "--pixel-format", "yuyv"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(rng.uniform(2, 6))
    run.send_signal(signal.SIGKILL)
    died_ns = time.time_ns()
    run.wait()
    first = json.loads(subprocess.run([onset, "session", "check", "--json", session], capture_output=True).stdout or "[]")
    second = json.loads(subprocess.run([onset, "session", "check", "--json", session], capture_output=True).stdout or "[]")
    if not first or not second or not second[0]["is_whole"]:
        unreadable += 1
        print(f"| unreadable | | | | | |")
        continue
    first, second = first[0], second[0]
    record = (session / "session.toml").read_text()
    started_ns = int(next(line for line in record.splitlines() if line.startswith("started_unix_ns")).split("=")[1])
    # Frames of the synthetic camera have their own time, which begins with the first frame: the log's times tell when that was.
    lived = (died_ns - started_ns) / 1e9
    started = json.loads((session / "log.jsonl").read_text().splitlines()[0])["t_s"]
    gone = lived - started - (second["last_s"] or 0)
    missing.append(gone)
    unexplained += second["frames_unexplained"]
    print(f"| {lived:.2f} | {second['frames']} | {gone:.2f} | {first['is_whole']} | {second['is_whole']} | {second['frames_unexplained']} |")
    subprocess.run(["rm", "-rf", session])
missing.sort()
print(f"\n{times} killed, {unreadable} unreadable, {sum(m <= 1 for m in missing)} miss at most a second "
      f"(median {missing[len(missing) // 2]:.2f} s, most {missing[-1]:.2f} s), {unexplained} frames unexplained")
PY
