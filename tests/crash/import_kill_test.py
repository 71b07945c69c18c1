#!/usr/bin/env python3
"""protosh is killed at random moments of an import of one large transaction: import_kill_test.py PROTOSH. Afterwards all of the file
is there or nothing of it, the database is sound, and dead imports leave no space behind."""
import os, random, shutil, subprocess, sys, tempfile, time

ROWS = 60_000
ROUNDS = 25


def run(program, database, script):
    done = subprocess.run([program, database, '--mode', 'csv'], input=script.encode(), capture_output=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f'protosh ended with {done.returncode}: {done.stderr.decode()}')
    return done.stdout.decode().split()


def kill_in_import(program, database, script, seconds):
    process = subprocess.Popen([program, database], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    process.stdin.write(script.encode())
    process.stdin.close()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(program, folder):
    seed = int(os.environ.get('PROTOBASE_SEED', '7'))
    print('seed', seed, '(PROTOBASE_SEED)')
    chance = random.Random(seed)
    database, file = os.path.join(folder, 'test.pdb'), os.path.join(folder, 'rows.csv')
    with open(file, 'w') as out:
        out.write('id,name,price\n')
        out.writelines(f'{i},name of {i} {chance.random()},{i / 4}\n' for i in range(ROWS))
    script = f'.import {file} rows\n'
    run(program, database, 'CREATE COLLECTION rows; CREATE UNIQUE INDEX ON rows (id); CREATE INDEX ON rows (price);')
    start = time.monotonic()
    run(program, database, script + 'DELETE FROM rows;')
    whole = time.monotonic() - start
    imported = 0
    for number in range(ROUNDS):
        kill_in_import(program, database, script, chance.random() * whole)
        found = run(program, database, 'CHECK DATABASE; SELECT count(*) AS n, count(price) AS prices, count(DISTINCT id) AS ids FROM rows;')
        if found not in (['check', 'ok', 'n,prices,ids', f'{n},{n},{n}'] for n in (0, ROWS)):
            raise AssertionError(f'round {number}: {found}')
        if found[-1].startswith(str(ROWS)):
            imported += 1
            run(program, database, 'DELETE FROM rows;')
    run(program, database, 'CHECKPOINT;')
    print(f'{ROUNDS} kills within {whole:.2f} s, {imported} after the commit; {os.path.getsize(database):,} bytes at the end')
    if os.path.getsize(database) > 40 << 20:
        raise AssertionError('the space of dead imports was not given back')


if __name__ == '__main__':
    place = tempfile.mkdtemp(prefix='protobase_import_kill_')
    main(sys.argv[1], place)  # stays behind when it fails
    shutil.rmtree(place, ignore_errors=True)
