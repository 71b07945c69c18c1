#!/usr/bin/env python3
"""Every public function of headers, as C++ that needs each of them at link time: list_symbols.py CTAGS OUTPUT HEADER...

Functions become entries of a table of addresses, cast to their exact type so that overloads are told apart; constructors become
calls in a function that is never run. Left out: templates (tests instantiate them), destructors, and what is private, deleted,
defaulted or a friend.
"""
import json, os, re, subprocess, sys

TEMPLATES = ('protobase::TypedResult', 'protobase::TypedQuery', 'protobase::TypedCollection', 'protobase::aggregate',
             'proto::Result', 'proto::StrongId')

def declarations(ctags, headers):
    run = subprocess.run([ctags, '--language-force=C++', '--kinds-C++=fp', '--fields=+aSt', '--fields-C++=+{template}{properties}',
                          '--output-format=json', '--sort=no', '-f', '-', *headers], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]

def without_defaults(signature):
    """The parameter list without its default arguments."""
    out, depth, skipping = '', 0, False
    for c in signature:
        depth += (c in '([{<') - (c in ')]}>')
        if c == '=' and depth == 1:
            skipping = True
        elif skipping and (c == ',' and depth == 1 or depth == 0):
            skipping = False
        if not skipping:
            out += c
    return out

def parameter_types(signature):
    """The types of a constructor's parameters."""
    inside = without_defaults(signature)[1:].rpartition(')')[0]
    parts, depth = [''], 0
    for c in inside:
        depth += (c in '(<[{') - (c in ')>]}')
        if c == ',' and depth == 0:
            parts.append('')
        else:
            parts[-1] += c
    named = re.compile(r'^(.*[\s&*>])\w+$')
    return [named.sub(r'\1', part.strip()).strip() for part in parts if part.strip()]

def is_public(tag):
    properties = tag.get('properties', '').split(',')
    text = tag['pattern']
    return (tag.get('access', 'public') == 'public' and 'template' not in tag and not {'default', 'delete'} & set(properties)
            and not re.search(r'\b(friend|consteval|requires)\b|= default;|= delete;', text) and not tag['name'].startswith('~')
            and tag.get('scope', '') != 'std::hash')

def qualified(kind, scope):
    """`iterator` returned by ResultSet::begin is ResultSet::iterator outside of the class."""
    return re.sub(r'(?<![:\w])iterator\b', f'{scope.removesuffix("::iterator")}::iterator', kind)

def address(tag, scope, in_class):
    name = re.sub(r'^operator (?=\W)', 'operator', tag['name'])
    result = tag.get('typeref', '').removeprefix('typename:')
    signature = qualified(without_defaults(tag['signature']), scope).replace(' noexcept', '')
    if not result and name.startswith('operator '):
        result = name.removeprefix('operator ')
    if in_class and 'static' not in tag.get('properties', '').split(','):
        if re.search(r'\) *&&[ ;{]', tag['pattern']):
            signature += ' &&'  # ctags leaves it out
        return f'Address::of(static_cast<{qualified(result, scope)} ({scope}::*){signature}>(&{scope}::{name}))'
    return f'Address::of(static_cast<{qualified(result, scope)} (*){signature}>(&{scope + "::" if scope else ""}{name}))'

def main(ctags, output, *headers):
    tags = [t for t in declarations(ctags, headers) if is_public(t)]
    functions, constructors = [], []
    for tag in tags:
        scope, in_class = tag.get('scope', ''), tag.get('scopeKind') in ('class', 'struct')
        if scope.startswith(TEMPLATES):
            continue
        if in_class and tag['name'] == scope.split('::')[-1]:
            arguments = ', '.join(f'given<{qualified(t, scope)}>(memory)' for t in parameter_types(tag['signature']))
            constructors.append(f'  new (memory) {scope}({arguments});')
        else:
            functions.append(f'  {{"{scope}::{tag["name"]}{tag["signature"]}", {address(tag, scope, in_class)}}},')
    os.makedirs(os.path.dirname(output), exist_ok=True)
    with open(output, 'w') as out:
        out.write('inline const Symbol kFunctions[] = {\n' + '\n'.join(functions) + '\n};\n')
        out.write('[[maybe_unused]] inline void construct_each(void* memory) {\n' + '\n'.join(constructors) + '\n}\n')
        out.write(f'inline constexpr size_t kConstructorCount = {len(constructors)};\n')

if __name__ == '__main__':
    main(*sys.argv[1:])
