#!/usr/bin/env python3
"""datasets/: the demo database is whole, derived files follow from their sources, the generator gives the same bytes everywhere.

usage: datasets_test.py PROTOSH [FOLDER]
"""
import csv, hashlib, io, json, os, pathlib, subprocess, sys, tempfile, unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATASETS = ROOT / 'datasets'
PROTOSH = ''


def shell(database, *arguments, cwd=ROOT):
    run = subprocess.run([PROTOSH, str(database), '--bail', *arguments], cwd=cwd, capture_output=True, text=True, timeout=120)
    if run.returncode != 0:
        raise AssertionError(run.stdout + run.stderr)
    return run.stdout


def records(path):
    if path.suffix == '.csv':
        with open(path, newline='') as file:
            return list(csv.DictReader(file))
    return [json.loads(line) for line in path.read_text().splitlines()]


class Demo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.database = pathlib.Path(cls.folder.name) / 'demo.pdb'
        shell(cls.database, '-f', 'datasets/demo.sql')

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def rows(self, sql):
        return [tuple(row) for row in list(csv.reader(io.StringIO(shell(self.database, '--mode', 'csv', '-c', sql))))[1:]]

    def test_every_record_is_there(self):
        for path in [*DATASETS.glob('*/*.ndjson'), *DATASETS.glob('*/*.csv')]:
            if path.name == 'named_colours.csv':
                continue
            with self.subTest(path.name):
                self.assertEqual(self.rows(f'SELECT count(*) FROM {path.stem}'), [(str(len(records(path))),)])

    def test_database_is_sound(self):
        self.assertEqual(self.rows('CHECK DATABASE'), [('ok',)])

    def test_every_code_became_a_reference(self):
        capitals = {c['code']: c['capital']['name'] for c in records(DATASETS / 'world/countries.ndjson')}
        expected = sorted((c['name'], capitals[c['country_code']]) for c in records(DATASETS / 'world/cities.csv'))
        self.assertEqual(sorted(self.rows('SELECT name, country.capital.name FROM cities')), expected)
        for name in ('rivers', 'mountains'):
            expected = sorted((r['name'], code) for r in records(DATASETS / f'world/{name}.ndjson') for code in r['countries'])
            self.assertEqual(sorted(self.rows(f'SELECT x.name, c.code FROM {name} x, x.countries c')), expected)
        expected = sorted((c['mission'], c['person']) for c in records(DATASETS / 'spaceflight/crew.csv'))
        self.assertEqual(sorted(self.rows('SELECT mission.name, person.name FROM crew')), expected)

    def test_neighbours_are_mutual(self):
        pairs = set(self.rows('SELECT c.code, n.code FROM countries c, c.neighbours n'))
        self.assertGreater(len(pairs), 500)
        self.assertEqual(pairs, {(b, a) for a, b in pairs})

    def test_people_fly_while_they_live(self):
        self.assertEqual(self.rows('SELECT person.name FROM crew WHERE mission.launched < person.born OR mission.landed > person.died'), [])
        self.assertEqual(self.rows('SELECT count(*) FROM crew WHERE walked_on_moon AND NOT mission.lands_on_moon'), [('0',)])
        self.assertEqual(self.rows('SELECT count(*) FROM crew WHERE walked_on_moon'), [('12',)])

    def test_nearest_colours_are_nearest(self):
        colours = {c['name']: c['lab'] for c in records(DATASETS / 'colours/colours.ndjson')}
        for name in ('tomato', 'navy', 'khaki'):
            distance = lambda other: sum((a - b) ** 2 for a, b in zip(colours[name], colours[other])) ** 0.5
            found = self.rows(f'SELECT name FROM colours ORDER BY lab <-> {colours[name]} LIMIT 6')
            nearest = sorted(distance(other) for other in colours)[:6]
            for (other,), expected in zip(found, nearest):
                self.assertAlmostEqual(distance(other), expected, places=3)

    def test_a_dump_builds_the_same_database(self):
        dump = self.database.with_name('dump.sql')
        dump.write_text(shell(self.database, '-c', '.dump'))
        copy = self.database.with_name('copy.pdb')
        shell(copy, '-f', str(dump))
        for sql in ('SELECT _id, name, country.capital.name FROM cities', 'SELECT _id, mission.name, person.name FROM crew', 'SELECT * FROM colours',
                    'SELECT c.name, n.name FROM countries c, c.neighbours n', 'SHOW INDEXES'):
            with self.subTest(sql):
                self.assertEqual(sorted(shell(copy, '-c', sql).splitlines()), sorted(shell(self.database, '-c', sql).splitlines()))
        self.assertIn('ok', shell(copy, '-c', 'CHECK DATABASE'))

    def test_the_demo_uses_its_indexes(self):
        for sql, index in (("SELECT name FROM countries WHERE 'Quechua' IN languages", 'countries_languages_idx'),
                           ('SELECT name FROM colours ORDER BY lab <-> [60, 50, 40] LIMIT 3', 'colours_by_looks'),
                           ("SELECT launched FROM missions WHERE name = 'Apollo 11'", 'missions_name_idx')):
            with self.subTest(sql):
                self.assertIn(index, shell(self.database, '-c', 'EXPLAIN ' + sql))


class Files(unittest.TestCase):
    def test_colours_follow_from_the_definitions(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder)
            for name in ('compute_lab.py', 'named_colours.csv'):
                (copy / name).write_bytes((DATASETS / 'colours' / name).read_bytes())
            subprocess.run([sys.executable, copy / 'compute_lab.py'], check=True)
            self.assertEqual((copy / 'colours.ndjson').read_text(), (DATASETS / 'colours/colours.ndjson').read_text())

    def test_documents_do_what_they_say(self):
        documents = [str(path.relative_to(ROOT)) for path in DATASETS.glob('*/README.md')]
        self.assertGreaterEqual(len(documents), 3)
        run = subprocess.run([sys.executable, ROOT / 'tests/house/check_documents.py', ROOT, PROTOSH, *documents], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout)


class Generator(unittest.TestCase):
    def digest(self, *arguments):
        run = subprocess.run([sys.executable, DATASETS / 'generate', *arguments], capture_output=True, check=True)
        return hashlib.sha256(run.stdout).hexdigest()[:16]

    def test_same_seed_same_bytes(self):
        self.assertEqual(self.digest('indexed', '1000'), 'dd5ff065207a9b9f')
        self.assertEqual(self.digest('clusters', '1000', '16'), 'a1c7a5deef961876')
        self.assertEqual(self.digest('clusters', '1000', '16', '--format', 'ndjson', '--seed', '7'), '4d8d440d6fddc773')
        self.assertNotEqual(self.digest('indexed', '1000', '--seed', '2'), self.digest('indexed', '1000', '--seed', '3'))

    def test_social_network_loads(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, DATASETS / 'generate', 'social', '200', '--out', folder], check=True)
            digest = hashlib.sha256(b''.join((pathlib.Path(folder) / f'{name}.ndjson').read_bytes() for name in ('persons', 'friendships', 'posts')))
            self.assertEqual(digest.hexdigest()[:16], 'c0b7d1e1c123e678')
            shell('social.pdb', '-f', 'load.sql', cwd=folder)
            friends = records(pathlib.Path(folder) / 'friendships.ndjson')
            found = shell('social.pdb', '--mode', 'csv', '-c', 'SELECT a.id, b.id FROM friendships', cwd=folder).split()[1:]
            self.assertEqual(sorted(found), sorted(f'{f["a"]},{f["b"]}' for f in friends))
            self.assertEqual(shell('social.pdb', '-c', 'SELECT count(*) FROM posts WHERE author.name IS NULL', cwd=folder).split()[-1], '0')


if __name__ == '__main__':
    PROTOSH = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1], verbosity=1)
