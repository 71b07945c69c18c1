#!/usr/bin/env python3
"""Each header compiles by itself: check_headers.py COMPILER ROOT FLAG...

Headers that are parts of others (they say so in their first lines: 'included by') and generated ones are left out.
"""
import concurrent.futures, os, subprocess, sys

FOLDERS = ('runtime', 'storage', 'vector', 'db', 'query', 'shell')

def headers(root):
    for folder in FOLDERS:
        for at, _, names in os.walk(os.path.join(root, folder)):
            if 'generated' in at:
                continue
            for name in sorted(names):
                path = os.path.join(at, name)
                if name.endswith('.h') and not name.endswith('_inl.h'):
                    yield os.path.relpath(path, root)

def compile_one(compiler, root, flags, header):
    # Twice, so that a missing guard shows too.
    text = f'#include "{header}"\n#include "{header}"\n'
    run = subprocess.run([compiler, '-std=c++20', '-fsyntax-only', '-I', root, *flags, '-x', 'c++', '-'], input=text,
                         capture_output=True, text=True)
    return header, run.returncode, run.stderr

def main(compiler, root, *flags):
    found = list(headers(root))
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for header, code, text in pool.map(lambda h: compile_one(compiler, root, flags, h), found):
            if code != 0:
                print(f'{header}: does not compile by itself\n{text[:1500]}')
                bad += 1
    print(f'{len(found)} headers, {bad} bad')
    return 1 if bad or not found else 0

if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
