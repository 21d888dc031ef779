#!/usr/bin/env python3
"""Counts the instructions of the hot loops with callgrind and compares them with the thresholds.

    swift build -c release --package-path Benchmarks --product HotLoops
    python3 Benchmarks/instructions.py [--update]

A loop fails when it takes more than its threshold, which is a tenth above what was measured when it was set.
Needs valgrind and strip.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, ".build", "release", "HotLoops")
THRESHOLDS = os.path.join(HERE, "instructions.json")


def count(program, loop, calls):
    """Instructions of the whole program."""
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, loop, str(calls)],
        capture_output=True, text=True, env=dict(os.environ, SWIFT_DETERMINISTIC_HASHING="1"))
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not found:
        sys.exit(f"{loop}: {run.stderr[-2000:]}")
    return int(found.group(1))


def main():
    with tempfile.TemporaryDirectory() as folder:
        # Callgrind cannot read the debug information of this compiler.
        program = os.path.join(folder, "HotLoops")
        shutil.copy(PROGRAM, program)
        subprocess.run(["strip", "-g", program], check=True)
        loops = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()
        known = json.load(open(THRESHOLDS)) if os.path.exists(THRESHOLDS) else {}
        measured, failed = {}, []
        for loop in loops:
            is_query = "top-" in loop or "count-in" in loop or "count-un" in loop or "count-ph" in loop
            few, many = (10, 110) if is_query else (100, 2100)
            each = (count(program, loop, many) - count(program, loop, few)) / (many - few)
            measured[loop] = round(each)
            limit = known.get(loop)
            mark = "" if limit is None else f" of {limit}" + (" TOO MANY" if each > limit else "")
            if limit is not None and each > limit:
                failed.append(loop)
            print(f"{loop:24}{each:12.0f} instructions a call{mark}", flush=True)
        if "--update" in sys.argv:
            with open(THRESHOLDS, "w") as out:
                json.dump({loop: round(n * 1.1) for loop, n in measured.items()}, out, indent=2)
                out.write("\n")
        if failed and "--update" not in sys.argv:
            sys.exit("above their thresholds: " + ", ".join(failed))


main()
