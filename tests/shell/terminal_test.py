#!/usr/bin/env python3
"""protosh at a terminal, typed at by a program: terminal_test.py PROTOSH. Several lines, completion, errors, Ctrl-C, history, leaving."""
import os, pty, re, select, shutil, signal, sys, tempfile, termios, time

DEADLINE = 30  # seconds that anything may take; waits end as soon as it is there


class Terminal:
    def __init__(self, program, folder, *arguments):
        self.process, self.screen = pty.fork()
        if self.process == 0:
            os.environ.update(HOME=folder, TERM='xterm', COLUMNS='100')
            os.environ.pop('XDG_STATE_HOME', None)
            os.execv(program, [program, *arguments])
        self.seen = ''

    def read(self):
        ready, _, _ = select.select([self.screen], [], [], 0.1)
        if not ready:
            return
        try:
            self.seen += os.read(self.screen, 65536).decode(errors='replace')
        except OSError:  # the other end is closed
            time.sleep(0.01)

    def plain(self):
        """What was shown since `begin`, without control sequences."""
        return re.sub(r'\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()][0-9A-B]|\r', '', self.seen)

    def expect(self, text):
        end = time.monotonic() + DEADLINE
        while text not in self.plain():
            if time.monotonic() > end:
                raise AssertionError(f'{text!r} did not come; the screen shows {self.plain()[-1500:]!r}')
            self.read()

    def type(self, text, then):
        """Types and waits for what then stands on the screen."""
        self.seen = ''
        os.write(self.screen, text.encode())
        self.expect(then)

    def expect_running(self):
        """Waits until the line was taken: only then is Ctrl-C a signal, and no key of the line editor."""
        end = time.monotonic() + DEADLINE
        while not termios.tcgetattr(self.screen)[3] & termios.ISIG:
            check(time.monotonic() < end, 'the line is not taken')
            self.read()

    def wait(self):
        """Reads to the end; the exit status."""
        end = time.monotonic() + DEADLINE
        while True:
            done, status = os.waitpid(self.process, os.WNOHANG)
            if done:
                os.close(self.screen)
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > end:
                os.kill(self.process, signal.SIGKILL)
                raise AssertionError('protosh does not end')
            self.read()


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def several_lines(terminal):
    terminal.type('CREATE COLLECTION things (name TEXT, size INTEGER);\r', 'ok (')
    terminal.type('INSERT INTO things VALUES\r', '...> ')
    terminal.type("('desk', 3), ('chair', 1);\r", '2 objects changed')
    terminal.type('SELECT count(*) AS n\r', '...> ')
    terminal.type('FROM things; SELECT 7 AS seven;\r', '│     7 │')
    check('│ 2 │' in terminal.plain(), terminal.plain())


def completion(terminal):
    terminal.type('SELECT nam\tFR\tth\t;\r', 'desk')
    terminal.type('SELECT * FROM things t WHERE t.si\t> 2;\r', '1 row')
    terminal.type('.tab\t\r', 'things\n')


def errors(terminal):
    terminal.type('SELECT nam FROM things;\r', 'did you mean name?')
    check('\n         ^^^' in terminal.plain() or '       ^^^' in terminal.plain(), terminal.plain())
    terminal.type('SELECT 1;\r', '1 row')


def cancels(terminal, query):
    """Starts an endless statement and types Ctrl-C until the prompt is back; whether the statement was cancelled."""
    terminal.seen = ''
    os.write(terminal.screen, query.encode())
    terminal.expect('t4.size;')
    terminal.expect_running()
    terminal.seen = ''
    end = time.monotonic() + DEADLINE
    while 'shop*> ' not in terminal.plain():  # again after a while: a signal before the statement may be lost
        check(time.monotonic() < end, 'Ctrl-C does not cancel: ' + terminal.plain()[-500:])
        os.write(terminal.screen, b'\x03')
        again = time.monotonic() + 2
        while time.monotonic() < again and 'shop*> ' not in terminal.plain():
            terminal.read()
    return 'error: cancelled' in terminal.plain()


def interrupts(terminal):
    terminal.type('INSERT INTO things SELECT * FROM UNNEST([1, 2\x03', '^C')
    terminal.type('BEGIN;\r', 'ok (')
    terminal.type("INSERT INTO things {name: 'kept'};\r", '1 object changed')
    terminal.expect('ms)\nshop*> ')  # what is typed before that is lost to Ctrl-C: the terminal forgets it
    many = ', '.join(f'things t{i}, (VALUES {", ".join(f"({n})" for n in range(60))}) AS v{i}' for i in range(5))
    query = f'SELECT count(*) FROM {many} WHERE t0.size + t1.size + t2.size > t3.size * t4.size;\r'
    # A Ctrl-C that comes just before the statement begins takes the line back instead of cancelling: then once more.
    check(any(cancels(terminal, query) for _ in range(10)), terminal.plain()[-500:])
    terminal.type("\rSELECT name FROM things WHERE name = 'kept';\r", '│ kept │')  # the transaction goes on
    terminal.type('COMMIT;\r', 'ok (')


def leaving(program, folder, database, how):
    terminal = Terminal(program, folder, database)
    terminal.expect('> ')
    terminal.type('\x1b[A\x1b[A', "SELECT name FROM things WHERE name = 'kept'") if how == '\x04' else None
    os.write(terminal.screen, ('\x15' + how).encode())
    check(terminal.wait() == 0, f'leaving by {how!r}')


def main(program):
    folder = tempfile.mkdtemp(prefix='protobase_terminal_')
    try:
        database = os.path.join(folder, 'shop.pdb')
        terminal = Terminal(program, folder, database)
        terminal.expect('shop> ')
        for part in (several_lines, completion, errors, interrupts):
            part(terminal)
            print('ok', part.__name__)
        os.write(terminal.screen, b'.quit\r')
        check(terminal.wait() in (0, 1), '.quit')
        for how in ('\x04', '.exit\r', 'exit\r', 'quit\r'):
            leaving(program, folder, database, how)
        print('ok history and leaving')
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main(sys.argv[1])
