#!/usr/bin/env python3
"""Objects that refer to each other: SWAPI (cycles) and 5e-database (8,535 references at any depth). Imported, their links turned into
references, none of which dangles; paths follow them in queries."""
import collections, glob, json, os
from corpus import check, check_equal, main

REFERENCES = 8535


# ---- SWAPI: links are numbers, turned into references by queries ---------------------------------------------------------

SWAPI = ['people', 'planets', 'species', 'starships', 'transport', 'vehicles', 'films']
SINGLE = [('people', 'homeworld', 'planets'), ('species', 'homeworld', 'planets')]
MANY = [('films', 'characters', 'people'), ('films', 'planets', 'planets'), ('films', 'starships', 'starships'),
        ('films', 'vehicles', 'vehicles'), ('films', 'species', 'species'), ('species', 'people', 'people'),
        ('starships', 'pilots', 'people'), ('vehicles', 'pilots', 'people')]


def swapi_data(root):
    out = {}
    for name in SWAPI:
        with open(os.path.join(root, f'swapi/resources/fixtures/{name}.json'), encoding='utf-8') as file:
            out[name] = {record['pk']: record['fields'] for record in json.load(file)}
    return out


def link_swapi(shell, root):
    script = ''.join(f'.import {root}/swapi/resources/fixtures/{name}.json {name}\nCREATE UNIQUE INDEX ON {name} (pk);\n' for name in SWAPI)
    for owner, attribute, target in SINGLE:
        script += f'UPDATE {owner} SET {attribute} = (SELECT ref(t) FROM {target} t WHERE t.pk = {owner}.fields.{attribute});\n'
    for owner, attribute, target in MANY:
        script += (f'UPDATE {owner} SET {attribute} = (SELECT array_agg(ref(t)) FROM UNNEST({owner}.fields.{attribute}) AS n '
                   f'JOIN {target} t ON t.pk = n);\n')
    script += 'UPDATE people p SET species = (SELECT ref(s) FROM species s WHERE p.pk IN s.fields.people ORDER BY s.pk LIMIT 1);\n'  # closes cycles
    shell.query(script)


def swapi(shell, root):
    data = swapi_data(root)
    link_swapi(shell, root)
    check_equal(shell.value('CHECK DATABASE'), 'ok', 'check')
    for owner, attribute, target in SINGLE:
        found = {int(pk): name for pk, name in shell.rows(
            f'SELECT pk, {attribute}.fields.name FROM {owner} WHERE {attribute} IS NOT NULL')}
        check_equal(found, {pk: data[target][f[attribute]]['name'] for pk, f in data[owner].items() if f[attribute]}, f'{owner}.{attribute}')
    for owner, attribute, target in MANY:
        found = collections.Counter((int(pk), int(other)) for pk, other in shell.rows(
            f'SELECT o.pk, r.pk FROM {owner} o, UNNEST(o.{attribute}) AS r'))
        check_equal(found, collections.Counter((pk, other) for pk, f in data[owner].items() for other in f[attribute]), f'{owner}.{attribute}')
    follow_swapi_cycles(shell, data)


def follow_swapi_cycles(shell, data):
    species_of = {}
    for pk in sorted(data['species']):
        for person in data['species'][pk]['people']:
            species_of.setdefault(person, pk)
    check(len(species_of) > 20, f'people with a species: {len(species_of)}')
    rows = shell.rows('SELECT pk, species.homeworld.fields.name, species.people[0].species.people[0].fields.name FROM people '
                      'WHERE species IS NOT NULL ORDER BY pk')
    expected = []
    for person in sorted(species_of):
        species = data['species'][species_of[person]]
        again = data['species'][species_of[species['people'][0]]]
        home = species['homeworld']
        expected.append([str(person), data['planets'][home]['name'] if home else '', data['people'][again['people'][0]]['name']])
    check_equal(rows, expected, 'paths round a cycle')
    luke = shell.rows("SELECT fields.title FROM films f WHERE EXISTS (SELECT 1 FROM UNNEST(f.characters) AS c "
                      "WHERE c.fields.name = 'Luke Skywalker') ORDER BY fields.episode_id")
    check_equal([t for [t] in luke], [f['title'] for f in sorted(data['films'].values(), key=lambda f: f['episode_id'])
                                      if 1 in f['characters']], 'films by the name of a character')
    check(shell.query('SELECT VALUE p FROM people p WHERE pk = 1', mode='json').count('$ref') >= 1, 'an object in a cycle prints')


# ---- 5e-database: links are objects with the url of another, anywhere --------------------------------------------------------------

def fifth_edition(root):
    """name of the collection -> its objects."""
    out = {}
    for path in sorted(glob.glob(os.path.join(root, '5e-database/src/2014/en/*.json'))):
        with open(path, encoding='utf-8') as file:
            out[os.path.basename(path)[len('5e-SRD-'):-len('.json')].lower().replace('-', '_')] = json.load(file)
    return out


def links_in(value, path=''):
    """(path, url) of every link inside a value."""
    if isinstance(value, list):
        for i, element in enumerate(value):
            yield from links_in(element, f'{path}[{i}]')
    elif isinstance(value, dict):
        if path and 'url' in value:
            yield path, value['url']
        for name, element in value.items():
            yield from links_in(element, f'{path}.{name}' if path else name)


def fifth_edition_references(shell, root):
    data = fifth_edition(root)
    place = {o['url']: (name, i + 1, o) for name, objects in data.items() for i, o in enumerate(objects)}
    imports = ''.join(f'.import "{path}" {name}\n' for name, path in zip(data, sorted(glob.glob(os.path.join(root, '5e-database/src/2014/en/*.json')))))
    shell.query(imports)
    check_equal([int(n) for [n] in shell.rows(' UNION ALL '.join(f'SELECT count(*) AS n FROM {name}' for name in data))],
                [len(objects) for objects in data.values()], 'objects of each class')
    links = [(name, i + 1, path, url) for name, objects in data.items() for i, o in enumerate(objects) for path, url in links_in(o)]
    check_equal((len(links), [l for l in links if l[3] not in place]), (REFERENCES, []), 'references, and those that dangle')
    statements = [f"UPDATE {name} SET {path}.target = ref('{place[url][0]}', {place[url][1]}) WHERE _id = {i};" for name, i, path, url in links]
    shell.query('BEGIN;\n' + '\n'.join(statements) + '\nCOMMIT;\n')
    check_equal(shell.value('CHECK DATABASE'), 'ok', 'check')
    # Each reference is followed to the url of its target.
    queries = [f"SELECT {path}.target.url AS url FROM {name} WHERE _id = {i};" for name, i, path, url in links]
    found = [line for line in shell.query('\n'.join(queries)).splitlines() if line != 'url']
    check_equal(len(found), REFERENCES, 'references followed')
    check_equal([(l, f) for l, f in zip(links, found) if l[3] != f], [], 'references that lead elsewhere')
    follow_fifth_edition_paths(shell, data, place)


def follow_fifth_edition_paths(shell, data, place):
    rows = shell.rows('SELECT s.name, s.school.target.name, s.school.target.desc FROM spells s WHERE s.school.target.index = \'evocation\' ORDER BY s.name')
    expected = [[s['name'], place[s['school']['url']][2]['name'], place[s['school']['url']][2]['desc']]
                for s in sorted(data['spells'], key=lambda s: s['name'].encode()) if s['school']['index'] == 'evocation']
    check(len(expected) > 20, 'spells of a school')
    check_equal(rows, expected, 'spells by their school')
    rows = shell.rows('SELECT p.proficiency.target.type AS type, count(*) AS n FROM monsters m, UNNEST(m.proficiencies) AS p GROUP BY 1 ORDER BY 1')
    counted = collections.Counter(place[p['proficiency']['url']][2]['type'] for m in data['monsters'] for p in m['proficiencies'])
    check_equal(rows, [[t, str(n)] for t, n in sorted(counted.items())], 'types of proficiencies, by references in arrays')
    joined = shell.rows('SELECT count(*) FROM subclasses s JOIN classes c ON s.class.target = ref(c)')
    check_equal(joined, [[str(len(data['subclasses']))]], 'a join on a reference')


main('3-objects', [swapi, fifth_edition_references])
