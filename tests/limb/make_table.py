#!/usr/bin/env python3
"""Writes integers.txt: operations on integers as Python does them. make_table.py > integers.txt

Lines of 'operation a b result...' in signed hexadecimal; doubles as float.hex().
"""
import math, random

random.seed(17)

def integer(bits):
    style = random.randrange(3)
    if style == 0:
        value = random.getrandbits(bits) if bits else 0
    elif style == 1:
        value = (1 << bits) + random.randrange(-2, 3)
    else:
        value = sum(((1 << random.randrange(1, 130)) - 1) << random.randrange(bits + 1) for _ in range(3))
    return -value if random.randrange(2) else value

def emit(*fields):
    print(*(format(f, 'x') if isinstance(f, int) else f.hex() if isinstance(f, float) else f for f in fields))

def quotient(a, b):
    try:
        return a / b
    except OverflowError:
        return math.inf if (a < 0) == (b < 0) else -math.inf

def as_double(a):
    try:
        return float(a)
    except OverflowError:
        return math.inf if a > 0 else -math.inf

def main():
    for _ in range(120):
        a, b = integer(random.choice([8, 60, 61, 64, 128, 700])), integer(random.choice([8, 60, 61, 64, 128, 400]))
        emit('add', a, b, a + b)
        emit('multiply', a, b, a * b)
        if b:
            emit('floor', a, b, a // b, a % b)
            emit('quotient', a, b, quotient(a, b))
        emit('and', a, b, a & b)
        emit('or', a, b, a | b)
        emit('xor', a, b, a ^ b)
        emit('gcd', a, b, math.gcd(a, b))
        shift = random.randrange(300)
        emit('left', a, shift, a << shift)
        emit('right', a, shift, a >> shift)
        emit('double', a, as_double(a))
    for bits in (53, 54, 63, 64, 65, 117, 1023, 1024):
        for low in (0, 1, 2, 3):
            for drop in (0, 1, 10, 64):
                a = ((1 << bits) - 1 - low) << drop
                emit('double', a, as_double(a))
                emit('double', a + 1, as_double(a + 1))
                emit('double', (1 << bits) + (low << max(bits - 54, 0)) + drop, as_double((1 << bits) + (low << max(bits - 54, 0)) + drop))
    for exponent in (-1080, -1076, -1075, -1074, -1073, -1060, -1023, -1022, -1021, 1020, 1022, 1023, 1024):
        for _ in range(8):
            a, b = random.getrandbits(80) | 1 << 79, random.getrandbits(80) | 1 << 79
            if exponent < 0:
                b <<= -exponent
            else:
                a <<= exponent
            emit('quotient', a, b, quotient(a, b))
        one = 1 << max(exponent, 0)
        emit('quotient', one, 1 << max(-exponent, 0), quotient(one, 1 << max(-exponent, 0)))
        emit('quotient', one * 3, 1 << max(-exponent, 0), quotient(one * 3, 1 << max(-exponent, 0)))
    emit('text', math.factorial(1000), str(math.factorial(1000)))

main()
