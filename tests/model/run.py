#!/usr/bin/env python3
"""Checks the model of the collector's protocol: run.py [--only NAME]

The right protocol must hold in every configuration; with one rule broken, spin must find a way to a failed assertion.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MODEL = pathlib.Path(__file__).resolve().with_name("collector.pml")
MEMORY_MIB = 2000
SKIPPED = 77

# Configurations that must hold. Without OPERATIONS threads do as many as they like.
RIGHT = {
    "stores": [],
    "frames": ["FRAMES", "OPERATIONS=4"],
    "frames that free during cycles": ["FRAMES", "FRAMES_FREE_ALWAYS", "OPERATIONS=3"],
    "weak references": ["WEAK", "OPERATIONS=4"],
    "weak references and frames": ["WEAK", "FRAMES", "OPERATIONS=3"],
    "attaching and blocking": ["ATTACH", "BLOCKING", "OPERATIONS=4"],
    "a root that ends outside": ["OUTSIDER", "OPERATIONS=4"],
    "notes visited later": ["NOTES_VISITED_LATER", "OPERATIONS=4"],
    "all": ["FRAMES", "WEAK", "ATTACH", "BLOCKING", "OUTSIDER", "OPERATIONS=3"],
}

# One rule broken each, within the same bounds.
WRONG = {
    "WITHOUT_BARRIER": [],
    "WITHOUT_BIN_DROP": [],
    "BROKEN_COPY_BEFORE_STOP": [],
    "BROKEN_PARKED_COUNTS_AS_STOPPED": [],
    "BROKEN_BORN_ARE_SWEPT": [],
    "BROKEN_AVAILABLE_KEPT": [],
    "BROKEN_NOTES_NOT_TRACED": [],
    "WITHOUT_ESCAPES": ["FRAMES", "OPERATIONS=4"],
    "WITHOUT_TAKER": ["FRAMES", "OPERATIONS=4"],
    "BROKEN_FRAMES_FREE_DURING_CYCLE": ["FRAMES", "OPERATIONS=4"],
    "BROKEN_MARKS_CLEARED_EARLY": ["WEAK", "OPERATIONS=4"],
    "WITHOUT_TABLE_LOCK": ["WEAK", "OPERATIONS=4"],
    "BROKEN_DETACH_FORGETS_NOTES": ["ATTACH", "OPERATIONS=4"],
    "BROKEN_ATTACH_IGNORES_PHASE": ["ATTACH", "OPERATIONS=4"],
    "BROKEN_ROOT_ENDS_BEFORE_ITS_NOTE": ["OUTSIDER", "OPERATIONS=4"],
}


def verify(switches):
    """(errors, states, seconds, what the checker said)"""
    with tempfile.TemporaryDirectory() as folder:
        defines = [f"-D{switch}" for switch in switches]
        commands = (["spin", "-a", *defines, str(MODEL)],
                    ["cc", "-w", "-O2", "-DSAFETY", f"-DMEMLIM={MEMORY_MIB}", "-o", "pan", "pan.c"],
                    ["./pan", "-m1000000", "-n", "-w22"])
        text = ""
        for command in commands:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
            text = done.stdout + done.stderr
            if done.returncode != 0 and command[0] != "./pan":
                sys.exit(f"{' '.join(command)}:\n{text}")
    errors, states = re.search(r"errors: (\d+)", text), re.search(r"(\S+) states, stored", text)
    complete = errors and "Search not completed" not in text and "too small" not in text and "MEMLIM" not in text
    said = re.search(r"pan:\d+: (.*?) \(at", text)
    seconds = re.search(r"elapsed time (\S+)", text)
    return (int(errors[1]) if errors and (complete or int(errors[1])) else None, int(float(states[1])) if states else 0,
            float(seconds[1]) if seconds else 0.0, said[1] if said else "")


def main(arguments):
    if shutil.which("spin") is None or shutil.which("cc") is None:
        print("skipped: spin (or a C compiler) is not installed: scripts/install_packages --tests")
        return SKIPPED
    only = arguments[1] if arguments[:1] == ["--only"] else None
    cases = [(name, switches, False) for name, switches in RIGHT.items()]
    cases += [(name, [name, *switches], True) for name, switches in WRONG.items()]
    failed = 0
    for name, switches, must_fail in cases:
        if only not in (None, name):
            continue
        errors, states, seconds, said = verify(switches)
        as_expected = errors is not None and (errors > 0) == must_fail
        failed += not as_expected
        outcome = "not completed" if errors is None else f"fails: {said}" if errors else "holds"
        print(f"{'ok  ' if as_expected else 'BAD '} {name}: {outcome}; {states:,} states, {seconds:.1f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
