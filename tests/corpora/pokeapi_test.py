#!/usr/bin/env python3
"""All CSV files of PokeAPI in one script: every row is there, joins equal SQLite's on the same files, and importing takes no longer
than sqlite3's .import."""
import csv, glob, io, os, shutil, subprocess, time
from corpus import check, check_equal, main

LINES = 483615   # without the headers
ROWS = 465120    # some fields have several lines
ROUNDS = 6

# Four and five tables, grouped; CASTs because SQLite imports everything as text.
JOINS = [
    """SELECT t.identifier AS type, v.identifier AS version, COUNT(*) AS encounters, MAX(CAST(e.max_level AS INTEGER)) AS highest,
              SUM(CAST(p.base_experience AS INTEGER)) AS experience
       FROM encounters e JOIN pokemon p ON e.pokemon_id = p.id JOIN pokemon_types pt ON pt.pokemon_id = p.id
            JOIN types t ON pt.type_id = t.id JOIN versions v ON e.version_id = v.id
       WHERE pt.slot = {one} GROUP BY t.identifier, v.identifier ORDER BY t.identifier, v.identifier""",
    """SELECT n.name AS language, COUNT(*) AS names, COUNT(DISTINCT s.generation_id) AS generations, MIN(sn.name) AS first
       FROM pokemon_species s JOIN pokemon_species_names sn ON sn.pokemon_species_id = s.id
            JOIN languages l ON sn.local_language_id = l.id JOIN language_names n ON n.language_id = l.id
       WHERE n.local_language_id = {nine} GROUP BY n.name HAVING COUNT(*) > 10 ORDER BY n.name""",
    """SELECT g.identifier AS generation, COUNT(m.id) AS moves, SUM(CAST(m.power AS INTEGER)) AS power
       FROM generations g LEFT JOIN moves m ON m.generation_id = g.id GROUP BY g.identifier ORDER BY g.identifier""",
]


def files_of(root):
    return sorted(glob.glob(os.path.join(root, 'data/v2/csv/*.csv')))


def table_of(path):
    return os.path.basename(path)[:-len('.csv')]


def import_script(root):
    return ''.join(f'.import {path} {table_of(path)}\n' for path in files_of(root))


def run_sqlite(database, script):
    done = subprocess.run(['sqlite3', database], input=script.encode(), capture_output=True, timeout=600)
    check_equal((done.returncode, done.stderr), (0, b''), 'sqlite3')
    return done.stdout.decode()


def import_with_sqlite(database, root):
    if os.path.exists(database):
        os.remove(database)
    script = '.mode csv\n' + import_script(root)
    start = time.monotonic()
    run_sqlite(database, script)
    return time.monotonic() - start


def import_with_protosh(shell, database, root):
    for name in (database, database + '-wal'):
        if os.path.exists(name):
            os.remove(name)
    script = import_script(root)
    start = time.monotonic()
    done = shell.run(script, database=database)
    seconds = time.monotonic() - start
    check_equal((done.returncode, done.stderr), (0, b''), 'protosh')
    return seconds


def in_file_order(text):
    return list(csv.reader(io.StringIO(text, newline='')))


def every_file_is_imported_whole(shell, root):
    files = files_of(root)
    check_equal(len(files), 180, 'files')
    import_with_protosh(shell, shell.database, root)
    counts = [int(n) for [n] in shell.rows(' UNION ALL '.join(f'SELECT count(*) AS n FROM "{table_of(f)}"' for f in files))]
    expected, lines = [], 0
    for path in files:
        with open(path, newline='', encoding='utf-8') as file:
            text = file.read()
        lines += text.count('\n') - 1
        expected.append(sum(1 for row in csv.reader(io.StringIO(text, newline='')) if row) - 1)
    check_equal(counts, expected, 'rows of each file')
    check_equal((lines, sum(counts)), (LINES, ROWS), 'lines and rows')
    check_equal(shell.value('CHECK DATABASE'), 'ok', 'check')


def joins_equal_those_of_sqlite(shell, root):
    import_with_protosh(shell, shell.database, root)
    other = shell.path('sqlite.db')
    import_with_sqlite(other, root)
    for join in JOINS:
        found = in_file_order(shell.query(join.format(one=1, nine=9)))
        expected = in_file_order(run_sqlite(other, '.mode csv\n.headers on\n' + join.format(one="'1'", nine="'9'") + ';'))
        check(len(expected) > 5, f'a join with results: {expected}')
        check_equal(len(found), len(expected), 'rows of ' + join)
        for mine, theirs in zip(found, expected):
            check_equal(mine, theirs, 'row of ' + join)


def importing_takes_no_longer_than_with_sqlite(shell, root):
    ours, theirs = [], []
    for _ in range(ROUNDS):  # alternating, the best of each, so that a busy machine hurts both
        theirs.append(import_with_sqlite(shell.path('sqlite.db'), root))
        ours.append(import_with_protosh(shell, shell.database, root))
        if len(ours) >= 2 and min(ours) <= min(theirs):
            break
    print('seconds: protosh %.3f, sqlite3 %.3f' % (min(ours), min(theirs)), [round(s, 3) for s in ours], [round(s, 3) for s in theirs])
    check(min(ours) <= min(theirs), 'importing is slower than with sqlite3')


tests = [every_file_is_imported_whole]
if shutil.which('sqlite3'):
    tests += [joins_equal_those_of_sqlite, importing_takes_no_longer_than_with_sqlite]
else:
    print('there is no sqlite3: nothing is compared with it')
main('3-objects/pokeapi', tests)
