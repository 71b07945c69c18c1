#!/usr/bin/env python3
"""The runtime beside CPython and Node.js, interleaved: compare.py BUILD OUTPUT [--quick]

In each of five rounds every contestant runs once: the benchmarks of the runtime's folders, peer.py, peer.js; then the programs in C++,
in the example Lisp, in Python and in JavaScript. OUTPUT gets all figures as JSON; scripts/bench_report.py makes the table. A contestant
that is not there is a gap in the table; a program with another answer ends the run.
"""
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
PROGRAMS = (("nbody", 500000), ("trees", 16), ("richards", 20), ("words", 1000000))
PEER_NAMES = {"cpython": "CPython", "node": "Node.js"}

# What is measured: (row of the peers, words, target in ns, published figure of protoCore, benchmark program, its benchmark).
ROWS = (
    ("attribute_hot", "attribute, hot", 2, 2.7, "object", "attribute, hot"),
    ("attribute_inherited", "attribute, inherited over 10 prototypes", 3, 15, "object", "attribute, inherited over 10 prototypes"),
    ("attribute_random", "attribute, 20 k objects of 10 attributes at random", 20, 56, "object",
     "attribute, 20 k objects of 10 attributes at random"),
    ("new_object_immutable", "new object with 3 attributes, immutable", 40, 249, "object", "new object with 3 attributes, immutable, frames of 64 (64)"),
    ("new_object_mutable", "new object with 3 attributes, mutable", 50, 839, "object", "new object with 3 attributes, mutable, at once (64)"),
    ("overwrite_attribute", "overwrite attribute of a mutable object", 10, 44, "object",
     "overwrite attribute of a mutable object, frames of 64 (64)"),
    ("native_call", "native call, one argument", 5, 14, "object", "native call, one argument"),
    ("list_append_100k", "list append, 100 k, transient", 5, 211, "list", "BM_AppendTransient/100000"),
    ("list_append_1m", "list append, 1 M, transient", 5, 266, "list", "BM_AppendTransient/1000000"),
    (None, "list append, 1 M, persistent", 80, 266, "list", "BM_Append/1000000"),
    ("list_get_100k", "list random get, 100 k", 25, 650, "list", "BM_Get/100000"),
    ("list_get_1m", "list random get, 1 M", 100, 2150, "list", "BM_Get/1000000"),
    ("list_iterate", "list iterate, per element", 1, 140, "list", "BM_Iterate/1000000"),
    ("list_slice_half", "half slice of 100 k", 1000, 19.6e6, "list", "BM_HalfSlice/100000"),
    ("list_join_1m", "join of two lists of 1 M", 2000, 471e6, "list", "BM_Join/1000000"),
    ("map_build", "map build, 100 k random keys", 100, 466, "keyed", "BM_Build/100000/0"),
    ("map_get", "map get, 100 k random keys", 40, 202, "keyed", "BM_Get/100000/0"),
    ("set_union", "set of 100 k: union", 1e6, None, "keyed", "BM_Sets/100000/0"),
    ("set_intersection", "set of 100 k: intersection", 1e6, None, "keyed", "BM_Sets/100000/1"),
    ("string_append", "string append of one character", 30, 945, "string", "append_one_character/100000"),
    ("string_from_utf8", "string from UTF-8, per byte", 0.5, 357, "string", "from_utf8/ascii_1mb"),
    ("string_compare", "compare two equal strings of 1 MB (a pointer comparison)", None, 19.8e6, "string", "compare_equal_1mb"),
    ("string_concat", "concatenate two of 1 MB", 200, 66, "string", "concatenate_1mb"),
    ("string_slice", "half slice of 1 MB", 200, 165, "string", "half_slice_1mb/ascii"),
    ("string_index", "index into 1 MB", 20, 200, "string", "index_1mb/ascii"),
    ("symbol_new", "new symbol, 1 M of them", 100, 35000, "intern", "NewSymbol/1000000"),
    ("tuple_new", "tuple of 3 integers, 1 M of them", 80, 534000, "intern", "NewTupleOf3/1000000"),
    ("integer_divide", "4000-bit / 2000-bit", 5000, 6.3e6, "number", "BM_Divide/4000/2000"),
    ("factorial_text", "1000! as text", 100e3, 1.9e6, "number", "BM_FactorialAsText/1000"),
    ("allocate_drop", "allocate and drop an object", 15, 42, "collector", "allocate and drop an object"),
    ("collect_1m", "full cycle, 1 M live cells", 50e6, 950e6, "collector", "full cycle, 1 M live cells"),
    (None, "space start", 200e3, 12e6, "collector", "space start"),
    (None, "peak memory of 20 M dead objects, MiB", 100, 2450, "collector", "memory, 20 M dead objects"),
)
UNITS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}


def output_of(command, limit=1800):
    """What a command prints, as JSON; None if it is not there or fails."""
    if not shutil.which(command[0]):
        return None
    result = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    if result.returncode != 0:
        print(f"gap: {' '.join(map(str, command[:3]))}: {result.stderr.strip()[-200:]}", file=sys.stderr)
        return None
    return result.stdout


def nanoseconds(run):
    """CPU time of one operation, as the benchmark counts them; MiB of the one that measures memory."""
    if "peak_mib" in run:
        return run["peak_mib"]
    for counter in ("items_per_second", "bytes_per_second"):
        if counter in run:
            return 1e9 / run[counter]
    operations = re.search(r"\((\d+)\)$", run["name"])
    return run["cpu_time"] * UNITS[run["time_unit"]] / (int(operations[1]) if operations else 1)


def own_figures(build, quick):
    found = {}
    for program in sorted({row[4] for row in ROWS}):
        names = [re.sub(r"([().])", r"\\\1", row[5]) for row in ROWS if row[4] == program]
        text = output_of([str(build / f"tests/bench/{program}_benchmark"), f"--benchmark_min_time={0.02 if quick else 0.1}",
                          f"--benchmark_filter=^({'|'.join(names)})(/iterations:1/real_time)?$", "--benchmark_format=json"])
        for run in json.loads(text)["benchmarks"] if text else ():
            if run.get("error_occurred"):
                sys.exit(f"{run['name']}: {run['error_message']}")
            found[program, run["name"].partition("/iterations")[0]] = nanoseconds(run)
    return found


def peer_figures(command):
    text = output_of([*command, "--quick"])
    return json.loads(text) if text else None


def rows(build, rounds, quick):
    measured = [{"row": words, "target": target, "protocore": published, "ours": [], "cpython": [], "node": []}
                for _, words, target, published, _, _ in ROWS]
    versions = {}
    commands = {"cpython": ["python3", str(HERE / "peer.py")], "node": ["node", "--expose-gc", str(HERE / "peer.js")]}
    for _ in range(rounds):
        own = own_figures(build, quick)
        peers = {name: peer_figures(command) for name, command in commands.items()}
        versions.update({name: report["peer"] for name, report in peers.items() if report})
        for result, (key, _, _, _, program, benchmark) in zip(measured, ROWS):
            figures = {name: report["rows"].get(key) for name, report in peers.items() if report}
            figures["ours"] = own.get((program, benchmark))
            for name, figure in figures.items():
                if figure is not None:
                    result[name].append(figure)
    return measured, versions


def run_lisp(lisp, name, size):
    """The script's last answer; CPU time is that of the whole process, with its start."""
    script = HERE.parents[2] / f"examples/lisp/{name}.lisp"
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    result = subprocess.run([lisp, str(script), "-e", f"(print ({name} {size}))"], capture_output=True, text=True, timeout=1800)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if result.returncode != 0:
        sys.exit(f"{name} in Lisp: {result.stderr}")
    return {"answer": result.stdout.splitlines()[-1], "wall_s": time.perf_counter() - began,
            "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def run_program(contestant, build, name, size):
    lisp = str(build / "examples/lisp/lisp")
    if contestant == "lisp":
        return run_lisp(lisp, name, size) if os.path.exists(lisp) else None
    command = {"ours": [str(build / "tests/bench/runtime_benchmark")], "cpython": ["python3", str(HERE / "programs.py")],
               "node": ["node", str(HERE / "programs.js")]}[contestant]
    text = output_of([*command, name, str(size)])
    return json.loads(text) if text else None


def programs(build, rounds, quick):
    measured = []
    for name, size in PROGRAMS:
        size = size if not quick else {"nbody": 20000, "trees": 11, "richards": 2, "words": 50000}[name]
        report = {"program": name, "size": size, "answer": None, "cpu": {}, "wall": {}}
        for _ in range(rounds):
            for contestant in ("ours", "lisp", "cpython", "node"):
                result = run_program(contestant, build, name, size)
                if result is None:
                    continue
                if result["answer"] != (report["answer"] or result["answer"]):
                    sys.exit(f"{name}, {contestant}: {result['answer']} instead of {report['answer']}")
                report["answer"] = result["answer"]
                report["cpu"].setdefault(contestant, []).append(result["cpu_s"])
                report["wall"].setdefault(contestant, []).append(result["wall_s"])
        measured.append(report)
        print(f"{name}: {report['answer']}")
    return measured


def main(build, output, *options):
    quick = "--quick" in options
    rounds = 1 if quick else 5
    measured, versions = rows(pathlib.Path(build), rounds, quick)
    for name, words in PEER_NAMES.items():
        if name not in versions:
            print(f"gap: {words} is not there")
    report = {"peers": versions, "rounds": rounds, "rows": measured, "programs": programs(pathlib.Path(build), rounds, quick)}
    pathlib.Path(output).write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
