#!/usr/bin/env python3
"""Functions and files stay short: check_sizes.py ROOT LIMITS

LIMITS holds 'name number' lines: longest_file, longest_function, functions_over_70_percent, installed_header_lines. A figure above its
limit fails; lower the limit when the tree allows it (a ratchet), never raise it without a reason in docs/decisions.md.
"""
import json, os, subprocess, sys

FOLDERS = ('runtime', 'storage', 'vector', 'db', 'query', 'shell')
INSTALLED = ('db/protobase.h', 'db/protobase_c.h', 'db/value.h', 'db/aggregate.h', 'db/typed_collection.h', 'runtime/base/status.h',
             'runtime/base/ids.h', 'runtime/base/check.h', 'runtime/base/status_codes.def')

def sources(root):
    for folder in FOLDERS:
        for at, _, names in os.walk(os.path.join(root, folder)):
            if 'generated' not in at:
                yield from (os.path.join(at, n) for n in sorted(names) if n.endswith(('.h', '.cc')))

def function_lengths(paths):
    run = subprocess.run(['ctags', '-L', '-', '--fields=+ne', '--kinds-C++=f', '--output-format=json', '-f', '-'],
                         input='\n'.join(paths), capture_output=True, text=True, errors='replace')
    for line in run.stdout.splitlines():
        tag = json.loads(line)
        if tag.get('kind') == 'function' and 'end' in tag:
            yield tag['end'] - tag['line'] + 1, tag['name'], tag['path']

def main(root, limits_path):
    limits = dict(line.split() for line in open(limits_path) if line.strip() and not line.startswith('#'))
    paths = list(sources(root))
    files = sorted((sum(1 for _ in open(p, errors='replace')), p) for p in paths)
    functions = sorted(function_lengths(paths))
    if not functions:
        print('no functions found: is universal-ctags installed?')
        return 1
    figures = {
        'longest_file': (files[-1][0], files[-1][1]),
        'longest_function': (functions[-1][0], f'{functions[-1][1]} in {functions[-1][2]}'),
        'functions_over_70_percent': (100 * sum(n > 70 for n, _, _ in functions) / len(functions), ''),
        'installed_header_lines': (sum(sum(1 for _ in open(os.path.join(root, p))) for p in INSTALLED), ''),
    }
    bad = 0
    for name, limit in limits.items():
        value, where = figures[name]
        print(f'{name} {value:g} (limit {limit}) {where}')
        bad += value > float(limit)
    return 1 if bad else 0

if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
