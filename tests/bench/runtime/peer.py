#!/usr/bin/env python3
"""The rows of the runtime's benchmark in CPython: peer.py [--quick] [row ...]

Prints one JSON object: {"peer": ..., "rows": {row: CPU nanoseconds per operation}, "checksum": ...}. A row is the least of five
medians, each over three rounds, after a round that warms up; a row whose result is wrong ends the run. The JavaScript twin is peer.js.
"""
import gc
import json
import math
import platform
import statistics
import sys
import time

ROWS = {}
CHECKSUM = 0


def row(name):
    """Registers a function that prepares a row and gives (work, operations, result of the work); work is run many times."""
    def enter(prepare):
        ROWS[name] = prepare
        return prepare
    return enter


def measure(prepare, medians):
    global CHECKSUM
    work, operations, expected = prepare()

    def round_ns():
        began = time.process_time_ns()
        result = work()
        took = time.process_time_ns() - began
        if result != expected:
            sys.exit(f"{prepare.__name__}: {result!r} instead of {expected!r}")
        return took / operations

    round_ns()
    CHECKSUM = (CHECKSUM * 31 + int(expected)) % 1000003
    return min(statistics.median(round_ns() for _ in range(3)) for _ in range(medians))


def park_miller(seed):
    """Equal sequences in every language: products stay below 2^53."""
    while True:
        seed = seed * 16807 % 2147483647
        yield seed


def numbers(count, limit, seed=42):
    source = park_miller(seed)
    return [next(source) % limit for _ in range(count)]


# ---- objects -------------------------------------------------------------------------------------------------------------

class Point:
    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def add(self, n):
        return n


@row("attribute_hot")
def attribute_hot():
    point = Point(1, 2, 3)

    def work():
        total = 0
        for _ in range(20000):
            total += point.x + point.x + point.x + point.x + point.x + point.x + point.x + point.x + point.x + point.x
        return total
    return work, 200000, 200000


@row("attribute_inherited")
def attribute_inherited():
    top = type("C0", (), {"x": 1})
    for level in range(1, 10):
        top = type(f"C{level}", (top,), {})
    thing = top()

    def work():
        total = 0
        for _ in range(20000):
            total += thing.x + thing.x + thing.x + thing.x + thing.x + thing.x + thing.x + thing.x + thing.x + thing.x
        return total
    return work, 200000, 200000


@row("attribute_random")
def attribute_random():
    class Wide:
        def __init__(self, n):
            self.a = self.b = self.c = self.d = self.e = self.f = self.g = self.h = self.i = 0
            self.j = n
    things = [Wide(n) for n in range(20000)]
    shuffled = [things[n] for n in numbers(100000, 20000)]
    expected = sum(numbers(100000, 20000))

    def work():
        total = 0
        for thing in shuffled:
            total += thing.j
        return total
    return work, 100000, expected


def make_points():
    for n in range(100000):
        point = Point(n, 2, 3)
    return point.x


@row("new_object_mutable")
def new_object_mutable():
    return make_points, 100000, 99999


@row("allocate_drop")
def allocate_drop():
    class Empty:
        __slots__ = ("x",)

    def work():
        for _ in range(200000):
            Empty()
        return 0
    return work, 200000, 0


@row("overwrite_attribute")
def overwrite_attribute():
    point = Point(1, 2, 3)

    def work():
        for n in range(50000):
            point.x = n
            point.x = n
            point.x = n
            point.x = n
        return point.x
    return work, 200000, 49999


@row("native_call")
def native_call():
    point = Point(1, 2, 3)

    def work():
        for n in range(50000):
            point.add(n)
            point.add(n)
            point.add(n)
            last = point.add(n)
        return last
    return work, 200000, 49999


# ---- lists ---------------------------------------------------------------------------------------------------------------

def append_row(count):
    def work():
        items = []
        for n in range(count):
            items.append(n)
        return len(items)
    return work, count, count


@row("list_append_100k")
def list_append_100k():
    return append_row(100000)


@row("list_append_1m")
def list_append_1m():
    return append_row(1000000)


def get_row(count):
    items = list(range(count))
    places = numbers(65536, count)

    def work():
        total = 0
        for place in places:
            total += items[place]
        return total
    return work, 65536, sum(places)


@row("list_get_100k")
def list_get_100k():
    return get_row(100000)


@row("list_get_1m")
def list_get_1m():
    return get_row(1000000)


@row("list_iterate")
def list_iterate():
    items = list(range(1000000))

    def work():
        total = 0
        for item in items:
            total += item
        return total
    return work, 1000000, 499999500000


@row("list_slice_half")
def list_slice_half():
    items = list(range(100000))

    def work():
        for _ in range(20):
            half = items[25000:75000]
        return half[0]
    return work, 20, 25000


@row("list_join_1m")
def list_join_1m():
    left, right = list(range(1000000)), list(range(1000000))
    return lambda: len(left + right), 1, 2000000


# ---- dictionaries and sets -----------------------------------------------------------------------------------------------

@row("map_build")
def map_build():
    keys = numbers(100000, 2147483647)

    def work():
        found = {}
        for key in keys:
            found[key] = key
        return len(found)
    return work, 100000, len(set(keys))


@row("map_get")
def map_get():
    keys = numbers(100000, 2147483647)
    found = {key: key for key in keys}
    places = [keys[n] for n in numbers(100000, 100000, 7)]

    def work():
        total = 0
        for key in places:
            total += found[key]
        return total
    return work, 100000, sum(places)


def two_sets():
    return set(numbers(100000, 200000)), set(numbers(100000, 200000, 7))


@row("set_union")
def set_union():
    left, right = two_sets()
    return lambda: len(left | right), 1, len(left.union(right))


@row("set_intersection")
def set_intersection():
    left, right = two_sets()
    return lambda: len(left & right), 1, sum(1 for n in left if n in right)


# ---- strings -------------------------------------------------------------------------------------------------------------

MEGABYTE = 1 << 20


def long_text(extra=""):
    return ("The quick brown fox jumps over the lazy dog. " * (MEGABYTE // 45 + 1))[:MEGABYTE - len(extra)] + extra


@row("string_append")
def string_append():
    def work():
        text = ""
        for _ in range(100000):
            text += "x"
        return len(text)
    return work, 100000, 100000


@row("string_from_utf8")
def string_from_utf8():
    data = long_text().encode()
    return lambda: len(data.decode("utf-8")), MEGABYTE, MEGABYTE


@row("string_compare")
def string_compare():
    left, right = long_text(), long_text()
    if left is right:
        sys.exit("one string")

    def work():
        same = 0
        for _ in range(20):
            same += left == right
        return same
    return work, 20, 20


@row("string_concat")
def string_concat():
    left, right = long_text(), long_text()
    return lambda: len(left + right), 1, 2 * MEGABYTE


@row("string_slice")
def string_slice():
    text = long_text()
    return lambda: len(text[MEGABYTE // 4:MEGABYTE // 4 * 3]), 1, MEGABYTE // 2


@row("string_index")
def string_index():
    text = long_text()
    places = numbers(100000, MEGABYTE)
    expected = sum(1 for n in places if text[n] == "o")

    def work():
        total = 0
        for place in places:
            if text[place] == "o":
                total += 1
        return total
    return work, 100000, expected


@row("symbol_new")
def symbol_new():
    generation = iter(range(1000))

    def work():
        prefix = f"symbol_{next(generation)}_"
        kept = [sys.intern(prefix + str(n)) for n in range(100000)]
        return len(kept)
    return work, 100000, 100000


# ---- tuples and integers -------------------------------------------------------------------------------------------------

@row("tuple_new")
def tuple_new():
    def work():
        kept = [(n, n + 1, n + 2) for n in range(200000)]
        return kept[-1][2]
    return work, 200000, 200001


@row("integer_divide")
def integer_divide():
    a = int("9" * 1204)  # 4000 bits
    b = int("7" * 602)   # 2000 bits
    expected = (a // b) % 1000

    def work():
        for _ in range(200):
            quotient = a // b
        return quotient % 1000
    return work, 200, expected


@row("factorial_text")
def factorial_text():
    def work():
        product = 1
        for n in range(2, 1001):
            product *= n
        return len(str(product))
    return work, 1, 2568


# ---- the collector -------------------------------------------------------------------------------------------------------

@row("collect_1m")
def collect_1m():
    kept = [[n] for n in range(1000000)]

    def work():
        gc.collect()
        return len(kept)
    return work, 1, 1000000


def main(arguments):
    quick = "--quick" in arguments
    wanted = [name for name in arguments if not name.startswith("--")] or list(ROWS)
    gc_was_on = gc.isenabled()
    figures = {name: measure(ROWS[name], 1 if quick else 5) for name in wanted}
    assert gc_was_on and math.isfinite(sum(figures.values()))
    print(json.dumps({"peer": f"{platform.python_implementation()} {platform.python_version()}", "rows": figures, "checksum": CHECKSUM}))


if __name__ == "__main__":
    main(sys.argv[1:])
