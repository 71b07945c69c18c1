#!/usr/bin/env python3
"""siftsmall through protosh: exact search finds the published neighbours, 8 probes of 64 lists at least 95 of 100."""
import csv, io, os, struct
from corpus import check, check_equal, main

K = 10


def vectors(path, kind):
    with open(path, 'rb') as file:
        bytes_ = file.read()
    at, out = 0, []
    while at < len(bytes_):
        size, = struct.unpack_from('<i', bytes_, at)
        out.append(struct.unpack_from(f'<{size}{kind}', bytes_, at + 4))
        at += 4 + 4 * size
    return out


def squared(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b))


def script_of(queries, preamble=''):
    lines = [preamble]
    for query in queries:
        text = '[' + ','.join('%g' % x for x in query) + ']'
        lines.append(f"SELECT id FROM sift ORDER BY embedding <-> '{text}' LIMIT {K};")
    return '\n'.join(lines)


def answers(output):
    """The ids of each query: a header 'id' begins each."""
    out = []
    for row in csv.reader(io.StringIO(output)):
        if row == ['id']:
            out.append([])
        else:
            out[-1].append(int(row[0]))
    return out


def recall(found, base, queries, truth):
    """By distance: among equals any will do."""
    hits = 0
    for ids, query, nearest in zip(found, queries, truth):
        check(len(ids) == K and len(set(ids)) == K, f'{K} different rows expected, found {ids}')
        farthest = squared(base[nearest[K - 1]], query)
        hits += sum(squared(base[i], query) <= farthest for i in ids)
    return hits / (K * len(queries))


def siftsmall(shell, root):
    base = vectors(os.path.join(root, 'siftsmall_base.fvecs'), 'f')
    queries = vectors(os.path.join(root, 'siftsmall_query.fvecs'), 'f')
    truth = vectors(os.path.join(root, 'siftsmall_groundtruth.ivecs'), 'i')
    shell.query(f'CREATE COLLECTION sift (embedding VECTOR(128));\n.import {root}/siftsmall_base.fvecs sift\n')
    check_equal(shell.value('SELECT count(*) FROM sift'), '10000', 'objects')
    exact = recall(answers(shell.query(script_of(queries))), base, queries, truth)
    shell.query('CREATE INDEX sift_lists ON sift USING ivfflat (embedding vector_l2_ops) WITH (lists = 64)')
    plan = shell.query("EXPLAIN " + script_of(queries[:1]).strip())
    check('sift_lists' in plan, f'the index is not used: {plan}')
    probed = recall(answers(shell.query(script_of(queries, 'SET probes = 8;'))), base, queries, truth)
    every = recall(answers(shell.query(script_of(queries, 'SET probes = 64;'))), base, queries, truth)
    one = recall(answers(shell.query(script_of(queries, 'SET probes = 1;'))), base, queries, truth)
    print(f'recall@{K}: exact {exact}, all 64 lists {every}, 8 probes {probed}, 1 probe {one}')
    check_equal((exact, every), (1.0, 1.0), 'recall of exact search, without and with the index')
    check(probed >= 0.95, 'recall at 8 probes is below 0.95')
    check(one < probed, 'the setting changes nothing')
    check_equal(shell.value('CHECK DATABASE'), 'ok', 'check')


def wrong_settings_are_told(shell, _):
    for text in ('0', '-1', "'many'", '2.5'):
        done = shell.run(f'SET probes = {text};')
        check(done.returncode == 1 and b'1 or more' in done.stderr, f'SET probes = {text}: {done.stderr}')


main('2-vectors/siftsmall', [siftsmall, wrong_settings_are_told])
