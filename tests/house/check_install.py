#!/usr/bin/env python3
"""What is installed works outside of this tree: check_install.py CMAKE BUILD ROOT COMPILER

Installs BUILD into a stage inside it, then: the headers are the ones that the public headers need and no others; a program that
finds the package with CMake, the Lisp of examples/, and a C++, a C and a runtime-only program that find it with pkg-config, are built
against the stage and say what they should; protosh runs.
"""
import os, shutil, subprocess, sys

PUBLIC = {'protobase': ('protobase/protobase.h', 'protobase/protobase_c.h'), 'proto': ('proto/proto.h', 'proto/proto_c.h')}

def run(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode != 0:
        sys.exit(f'{" ".join(command)}\n{result.stdout}{result.stderr}')
    return result.stdout

def expect(what, got, wanted):
    if got != wanted:
        sys.exit(f'{what}: {got!r} instead of {wanted!r}')
    print(f'{what}: right')

def installed_headers(include):
    return {os.path.relpath(os.path.join(at, name), include) for at, _, names in os.walk(include) for name in names}

def needed_headers(compiler, include):
    """Headers of the stage that the public headers include, themselves too."""
    text = ''.join(f'#include <{header}>\n' for headers in PUBLIC.values() for header in headers)
    rule = run(compiler, '-std=c++20', f'-I{include}', f'-I{include}/protobase', '-x', 'c++', '-MM', '-', input=text)
    paths = rule.replace('\\\n', ' ').split()[1:]
    return {os.path.relpath(path, include) for path in paths if path != '-'}

def main(cmake, build, root, compiler):
    build, root = os.path.abspath(build), os.path.abspath(root)
    stage, outside = os.path.join(build, 'stage'), os.path.join(build, 'outside')
    for folder in (stage, outside):
        shutil.rmtree(folder, ignore_errors=True)
    run(cmake, '--install', build, '--prefix', stage)

    include = os.path.join(stage, 'include')
    found, needed = installed_headers(include), needed_headers(compiler, include)
    expect('headers that nobody needs', sorted(found - needed), [])
    expect('headers that are missing', sorted(needed - found), [])

    source = os.path.join(root, 'tests/house/outside')
    run(cmake, '-S', source, '-B', outside, f'-DCMAKE_PREFIX_PATH={stage}', f'-DCMAKE_CXX_COMPILER={compiler}',
        '-DCMAKE_BUILD_TYPE=Release')
    run(cmake, '--build', outside)
    expect('find_package, all of it', run(os.path.join(outside, 'objects')), 'Desk 119\n')
    expect('find_package, the runtime', run(os.path.join(outside, 'runtime')), '3 keys\n')

    lisp, script = os.path.join(outside, 'lisp'), os.path.join(root, 'examples/lisp/basics')
    run(cmake, '-S', os.path.dirname(script), '-B', lisp, f'-DCMAKE_PREFIX_PATH={stage}', f'-DCMAKE_CXX_COMPILER={compiler}',
        '-DCMAKE_BUILD_TYPE=Release')
    run(cmake, '--build', lisp)
    expect('find_package, the example Lisp', run(os.path.join(lisp, 'lisp'), script + '.lisp'), open(script + '.expected').read())

    libraries = next(os.path.join(at, 'pkgconfig') for at, folders, _ in os.walk(stage) if 'pkgconfig' in folders)
    for package, name, wanted in (('protobase', 'objects.cc', 'Desk 119\n'), ('protobase', 'c_interface.c', 'Desk 119.0\n'),
                                  ('proto', 'runtime.cc', '3 keys\n')):
        flags = run('pkg-config', '--define-prefix', '--cflags', '--libs', package,
                    env=os.environ | {'PKG_CONFIG_PATH': libraries}).split()
        program = os.path.join(outside, f'with_pkg_config_{name.partition(".")[0]}')
        language = ('-x', 'c', '-std=c11') if name.endswith('.c') else ('-std=c++20',)
        linker_path = f'-Wl,-rpath,{os.path.dirname(libraries)}'
        run(compiler, *language, os.path.join(source, name), '-x', 'none', '-o', program, *flags, linker_path)
        expect(f'pkg-config, {name}', run(program), wanted)

    rows = run(os.path.join(stage, 'bin/protosh'), ':memory:', '--mode', 'csv', '-c', 'SELECT 6 * 7 AS answer')
    expect('protosh', rows, 'answer\n42\n')

if __name__ == '__main__':
    main(*sys.argv[1:])
