#!/usr/bin/env python3
"""Fail when a source file includes a folder its own folder may not include.

Usage: check_layers.py ROOT RULES      (RULES: one 'folder: dep dep ...' line per folder)
Longest matching prefix wins, so 'runtime/base' can be its own layer inside 'runtime'.
A line 'only <regex-of-include>: <regex-of-path>' confines a third-party header.
"""
import os, re, sys

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^">]+)[">]')
SOURCES = ('.h', '.hpp', '.cc', '.cpp', '.ipp')

def load(path):
    layers, confined = {}, []
    for line in open(path):
        line = line.split('#')[0].strip()
        if line.startswith('only '):
            inc, where = line[5:].split(': ')
            confined.append((re.compile(inc), re.compile(where)))
        elif line:
            name, deps = line.split(':')
            layers[name.strip()] = set(deps.split())
    return layers, confined

def layer_of(path, layers):
    hits = [l for l in layers if path.startswith(l + '/')]
    return max(hits, key=len, default=None)

def cycles(layers):
    """The rules themselves must be a DAG."""
    state = {}
    def visit(node, trail):
        if state.get(node) == 'done':
            return
        if node in trail:
            sys.exit('rules are cyclic: ' + ' -> '.join(trail + [node]))
        for dep in sorted(layers.get(node, ())):
            visit(dep, trail + [node])
        state[node] = 'done'
    for node in layers:
        visit(node, [])

def main(root, rules):
    layers, confined = load(rules)
    cycles(layers)
    bad = 0
    for folder, subfolders, names in os.walk(root):
        if folder == root:
            subfolders[:] = [f for f in subfolders if f not in ('build', '.git')]
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), root)
            mine = layer_of(path, layers)
            if not name.endswith(SOURCES) or mine is None:
                continue
            for number, text in enumerate(open(os.path.join(root, path), errors='replace'), 1):
                hit = INCLUDE.match(text)
                if not hit:
                    continue
                theirs = layer_of(hit[1], layers)
                if theirs and theirs != mine and theirs not in layers[mine]:
                    print(f'{path}:{number}: {mine} may not include {theirs} ({hit[1]})'); bad += 1
                if '/internal/' in hit[1] and theirs != mine and mine != 'tests':
                    print(f'{path}:{number}: private header of {theirs} ({hit[1]})'); bad += 1
                for inc, where in confined:
                    if inc.search(hit[1]) and not where.search(path):
                        print(f'{path}:{number}: {hit[1]} is confined to {where.pattern}'); bad += 1
    return bad

if __name__ == '__main__':
    sys.exit(1 if main(*sys.argv[1:3]) else 0)
