#!/usr/bin/env python3
"""Writes doubles.txt: what Python makes of doubles, and of doubles beside integers. make_table.py > doubles.txt"""
import math, random, struct

random.seed(23)
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.1, -2.5, 0.5, 7.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 2.0**53, 2.0**60, -2.0**60, 2.0**61,
           1e16, 9999999999999998.0, 1e-4, 9.999e-5, 123456.789, 1e22, 1e23, 100000.0]

def double():
    style = random.randrange(4)
    if style == 0:
        return random.choice(SPECIAL)
    if style == 1:
        return float(random.randrange(-1000, 1000)) / random.choice([1, 2, 8, 10])
    if style == 2:
        return math.ldexp(random.uniform(-1, 1), random.randrange(-80, 130))
    while True:
        value = struct.unpack('d', struct.pack('Q', random.getrandbits(64)))[0]
        if math.isfinite(value):
            return value

def main():
    for _ in range(600):
        a, b = double(), double()
        if b:
            print('floor', a.hex(), b.hex(), (a // b).hex(), (a % b).hex(), math.fmod(a, b).hex())
        print('repr', a.hex(), repr(a))
    for value in SPECIAL:
        print('repr', value.hex(), repr(value))
    for _ in range(600):
        a = double()
        near = int(a) if abs(a) < 1e40 or random.randrange(4) == 0 else random.randrange(-10, 10)
        near += random.choice([-1, 0, 0, 1])
        print('compare', format(near, 'x'), a.hex(), -1 if near < a else 1 if near > a else 0)

main()
