#!/usr/bin/env python3
"""Commands in documents do what the documents say: check_documents.py ROOT PROTOSH DOCUMENT...

A block fenced as ```sql or ```console is run; one fenced as ```cpp or ```c is compiled, as its lines stand together in a program of examples/. In a `sql` block each statement must succeed, unless a comment `-- error` follows it on
its line. In a `console` block, lines that begin with `$ protosh ` are run by the shell with PROTOSH; lines after them, to the next
command or the end, are the expected output, where `...` stands for anything. Blocks of one document share one directory and, for sql,
one database.
"""
import os, re, subprocess, sys, tempfile

BLOCK = re.compile(r'^```(sql|console|cpp|c)\n(.*?)^```', re.M | re.S)

def bare_lines(text):
    return '\n'.join(line.strip() for line in text.strip().splitlines())

def check_excerpt(text, root, where):
    examples = [os.path.join(root, 'examples', name) for name in os.listdir(os.path.join(root, 'examples')) if name.endswith(('.cc', '.c'))]
    if any(bare_lines(text) in bare_lines(open(example).read()) for example in examples):
        return 0
    print(f'{where}: these lines stand in no program of examples/\n{text}')
    return 1

def matches(expected, actual):
    pattern = '.*'.join(re.escape(part) for part in expected.strip().split('...'))
    return re.fullmatch(pattern, actual.strip(), re.S) is not None

def run_console(text, protosh, cwd, where):
    bad = 0
    steps = re.split(r'^\$ ', text, flags=re.M)[1:]
    for step in steps:
        command, _, expected = step.partition('\n')
        if not command.startswith('protosh'):
            continue
        run = subprocess.run(['bash', '-c', command.replace('protosh', protosh, 1)], cwd=cwd, capture_output=True, text=True, timeout=120)
        if not matches(expected, run.stdout + run.stderr):
            print(f'{where}: $ {command}\nexpected:\n{expected}\ngot:\n{run.stdout}{run.stderr}')
            bad += 1
    return bad

def run_sql(text, protosh, cwd, where):
    bad = 0
    wants_error = '-- error' in text
    run = subprocess.run([protosh, 'document.pdb'], input=text, cwd=cwd, capture_output=True, text=True, timeout=120)
    failed = run.returncode != 0
    if failed != wants_error:
        print(f'{where}: {"succeeds" if wants_error else "fails"}\n{text}\n{run.stdout}{run.stderr}')
        bad += 1
    return bad

def main(root, protosh, *documents):
    bad = blocks = 0
    for document in documents:
        text = open(os.path.join(root, document)).read()
        with tempfile.TemporaryDirectory() as cwd:
            os.symlink(os.path.join(os.path.abspath(root), 'datasets'), os.path.join(cwd, 'datasets'))
            for block in BLOCK.finditer(text):
                where = f'{document}:{text[:block.start()].count(chr(10)) + 1}'
                if block[1] in ('cpp', 'c'):
                    bad += check_excerpt(block[2], root, where)
                else:
                    bad += (run_console if block[1] == 'console' else run_sql)(block[2], protosh, cwd, where)
                blocks += 1
    print(f'{blocks} blocks, {bad} bad')
    return 1 if bad else 0

if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
