"""What the corpus tests share: the corpora's folder, runs of protosh, a fresh database, checks with a message.

A test is a program: NAME_test.py PROTOSH CORPORA. It ends with 0, 1 (what failed is printed) or 77 when its corpus is absent.
"""
import csv, io, os, shutil, subprocess, sys, tempfile

SKIPPED = 77


class Shell:
    """A database file in a temporary folder, and the protosh that works on it."""

    def __init__(self, program):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix='protobase_corpus_')
        self.database = os.path.join(self.folder, 'test.pdb')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, script, mode='csv', database=None):
        """Runs a script (bytes or text) from a file; the completed process, its output as bytes."""
        if isinstance(script, str):
            script = script.encode()
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix='.sql') as file:
            file.write(script)
            file.flush()
            return subprocess.run([self.program, database or self.database, '--mode', mode, '-f', file.name], capture_output=True, timeout=600)

    def query(self, script, mode='csv'):
        """Output of a script that must succeed, as text."""
        done = self.run(script, mode)
        check(done.returncode == 0, f'protosh ended with {done.returncode}: {done.stderr.decode(errors="replace")[:2000]}')
        return done.stdout.decode()

    def rows(self, script):
        """Rows of one SELECT, without the header, as lists of text."""
        return list(csv.reader(io.StringIO(self.query(script), newline='')))[1:]

    def value(self, script):
        rows = self.rows(script)
        check(len(rows) == 1 and len(rows[0]) == 1, f'one value expected from {script}: {rows[:5]}')
        return rows[0][0]


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def check_equal(found, expected, what):
    check(found == expected, f'{what}: {found!r} instead of {expected!r}')


def quoted(text):
    """A string literal."""
    return "'" + text.replace("'", "''") + "'"


def main(folder, tests):
    """Runs the tests on the folder of the corpora, each with a fresh database."""
    program, corpora = sys.argv[1:3]
    root = os.path.join(corpora, folder)
    if not os.path.isdir(root):
        print(f'skipped: there is no {root} (scripts/test unpacks the corpora)')
        sys.exit(SKIPPED)
    failed = 0
    for test in tests:
        try:
            with Shell(program) as shell:
                test(shell, root)
            print('ok', test.__name__)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            failed += 1
            print('FAILED', test.__name__, error)
    sys.exit(1 if failed else 0)
