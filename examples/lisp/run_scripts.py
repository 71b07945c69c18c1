#!/usr/bin/env python3
"""Runs the scripts of this folder and a conversation: run_scripts.py LISP

Each script must print what its .expected file says (an error stands there as its message), also when the collector runs at every
few allocations and the heap is checked after each collection.
"""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
CONVERSATION = "(define (square x)\n  (* x x))\n(square 12)\n(oops)\n(square\n"
ANSWERS = ">   <method square>\n> 144\n> error: oops is not defined (line 1)\n>   \n"
WRONG = ["(", ")", "\"a", "'", "()", "(let)", "(let ((1 2)) 3)", "(lambda)", "(set!)", "(define 1 2)", "(define + 1)", "(f)", "(1 2)", "(get)",
         "(.x 1)", "(set! 1 'x 2)", "(lambda (1) 2)", "(record)", "((lambda (x) x))", "12abc", "(" * 5000, "'" * 5000]


def run(lisp, arguments, every=None, text=""):
    environment = dict(os.environ, PROTO_COLLECT_EVERY=str(every)) if every else None
    result = subprocess.run([lisp, *arguments], input=text, capture_output=True, text=True, env=environment, timeout=300)
    return result.returncode, result.stdout + result.stderr


def expect(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}: got\n{got}\ninstead of\n{wanted}")
    print(f"{what}: right")


def main(lisp):
    for script in sorted(HERE.glob("*.lisp")):
        wanted = script.with_suffix(".expected").read_text()
        status = 1 if "error:" in wanted else 0
        for every in (None, 100, 13, 1):
            expect(f"{script.name}, collecting {f'at every {every}th allocation' if every else 'as needed'}", run(lisp, [str(script)], every),
                   (status, wanted))
    expect("conversation", run(lisp, [], text=CONVERSATION)[1].rstrip(), ANSWERS.rstrip())
    for text in WRONG:
        status, message = run(lisp, ["-e", text])
        if status != 1 or not message.startswith("error: "):
            sys.exit(f"{text[:20]}: {status}, {message!r} instead of an error")
    print(f"{len(WRONG)} wrong expressions: right")


if __name__ == "__main__":
    main(sys.argv[1])
