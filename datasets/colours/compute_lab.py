#!/usr/bin/env python3
"""Writes colours.ndjson from named_colours.csv: the sRGB components and the CIELAB coordinates of each colour.

sRGB to linear light: IEC 61966-2-1. Linear light to XYZ: the matrix of the same standard, white point D65. XYZ to L*a*b*: CIE 15:2004.
In CIELAB the Euclidean distance of two colours (Delta E 1976) is roughly how different they look to a person; 2.3 is just noticeable.
"""
import csv, json, pathlib

MATRIX = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = tuple(sum(row) for row in MATRIX)  # so that white is exactly L* = 100, a* = b* = 0

def linear(component):
    c = component / 255
    return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

def f(t):
    return t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29

def lab(rgb):
    light = [linear(c) for c in rgb]
    x, y, z = (f(sum(m * c for m, c in zip(row, light)) / white) for row, white in zip(MATRIX, WHITE))
    return [round(v, 3) + 0.0 for v in (116 * y - 16, 500 * (x - y), 200 * (y - z))]

def main():
    here = pathlib.Path(__file__).parent
    with open(here / 'named_colours.csv', newline='') as source, open(here / 'colours.ndjson', 'w') as target:
        for row in csv.DictReader(source):
            rgb = [int(row['hex'][i:i + 2], 16) for i in (1, 3, 5)]
            colour = {'name': row['name'], 'hex': row['hex'], 'rgb': dict(zip(('r', 'g', 'b'), rgb)), 'lab': lab(rgb)}
            target.write(json.dumps(colour) + '\n')

if __name__ == '__main__':
    main()
