#!/usr/bin/env python3
"""Four programs in CPython: programs.py NAME [SIZE], with NAME one of nbody, trees, richards, words.

Prints one JSON object: program, size, answer, CPU and wall seconds (a small run before warms up; start-up is not in them). The same
programs stand in programs.js, in runtime_benchmark.cc (through the C++ interface) and in examples/lisp; the answers are equal texts.
"""
import json
import math
import sys
import threading
import time

# ---- n-body: five bodies, doubles in mutable objects ---------------------------------------------------------------------

SOLAR_MASS = 4 * math.pi * math.pi
DAYS = 365.24


class Body:
    def __init__(self, x, y, z, vx, vy, vz, mass):
        self.x, self.y, self.z = x, y, z
        self.vx, self.vy, self.vz = vx * DAYS, vy * DAYS, vz * DAYS
        self.mass = mass * SOLAR_MASS


def make_bodies():
    bodies = [
        Body(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
        Body(4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01,
             1.66007664274403694e-03, 7.69901118419740425e-03, -6.90460016972063023e-05, 9.54791938424326609e-04),
        Body(8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01,
             -2.76742510726411899e-03, 4.99852801234917238e-03, 2.30417297573763929e-05, 2.85885980666130812e-04),
        Body(1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01,
             2.96460137564761618e-03, 2.37847173959480950e-03, -2.96589568540237556e-05, 4.36624404335156298e-05),
        Body(1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01,
             2.68067772490389322e-03, 1.62824170038242295e-03, -9.51592254519715870e-05, 5.15138902046611451e-05),
    ]
    px = py = pz = 0.0
    for body in bodies:
        px += body.vx * body.mass
        py += body.vy * body.mass
        pz += body.vz * body.mass
    sun = bodies[0]
    sun.vx, sun.vy, sun.vz = -px / SOLAR_MASS, -py / SOLAR_MASS, -pz / SOLAR_MASS
    return bodies


def advance(bodies, dt):
    count = len(bodies)
    for i in range(count):
        a = bodies[i]
        for j in range(i + 1, count):
            b = bodies[j]
            dx = a.x - b.x
            dy = a.y - b.y
            dz = a.z - b.z
            squared = dx * dx + dy * dy + dz * dz
            magnitude = dt / (squared * math.sqrt(squared))
            mass = b.mass * magnitude
            a.vx -= dx * mass
            a.vy -= dy * mass
            a.vz -= dz * mass
            mass = a.mass * magnitude
            b.vx += dx * mass
            b.vy += dy * mass
            b.vz += dz * mass
    for body in bodies:
        body.x += dt * body.vx
        body.y += dt * body.vy
        body.z += dt * body.vz


def energy(bodies):
    total = 0.0
    for i, a in enumerate(bodies):
        total += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
        for b in bodies[i + 1:]:
            dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
            total -= a.mass * b.mass / math.sqrt(dx * dx + dy * dy + dz * dz)
    return total


def nbody(steps):
    bodies = make_bodies()
    before = energy(bodies)
    for _ in range(steps):
        advance(bodies, 0.01)
    return f"{before:.9f} {energy(bodies):.9f}"


# ---- binary trees: many short-lived objects, one long-lived tree ------------------------------------------------------------

class Node:
    def __init__(self, left, right):
        self.left = left
        self.right = right


def make_tree(depth):
    return Node(make_tree(depth - 1), make_tree(depth - 1)) if depth else Node(None, None)


def count_nodes(tree):
    return 1 if tree.left is None else 1 + count_nodes(tree.left) + count_nodes(tree.right)


def trees(most):
    answer = [count_nodes(make_tree(most + 1))]
    kept = make_tree(most)
    for depth in range(4, most + 1, 2):
        total = 0
        for _ in range(1 << (most - depth + 4)):
            total += count_nodes(make_tree(depth))
        answer.append(total)
    return " ".join(str(count) for count in answer + [count_nodes(kept)])


# ---- Richards: an operating system's kernel, method calls and state -----------------------------------------------------------

IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)
FOR_DEVICE, FOR_WORK = 0, 1
RUNNABLE, SUSPENDED, HELD = 1, 2, 4


class Packet:
    def __init__(self, link, identity, kind):
        self.link, self.identity, self.kind = link, identity, kind
        self.datum, self.data = 0, [0, 0, 0, 0]

    def add_to(self, queue):
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class Task:
    def __init__(self, kernel, identity, priority, queue):
        self.kernel, self.identity, self.priority, self.queue = kernel, identity, priority, queue
        self.link = kernel.tasks
        self.state = SUSPENDED if queue is None else SUSPENDED | RUNNABLE
        kernel.tasks = kernel.table[identity] = self

    def waits(self):
        return self.state & HELD != 0 or self.state == SUSPENDED

    def run(self):
        packet = None
        if self.state == SUSPENDED | RUNNABLE:
            packet = self.queue
            self.queue = packet.link
            self.state = 0 if self.queue is None else RUNNABLE
        return self.step(packet)

    def receive(self, sender, packet):
        if self.queue is None:
            self.queue = packet
            self.state |= RUNNABLE
            if self.priority > sender.priority:
                return self
        else:
            self.queue = packet.add_to(self.queue)
        return sender


class Idle(Task):
    def start(self, seed, count):
        self.seed, self.count, self.state = seed, count, 0

    def step(self, packet):
        self.count -= 1
        if self.count == 0:
            return self.kernel.hold()
        if self.seed & 1 == 0:
            self.seed >>= 1
            return self.kernel.release(DEVICE_A)
        self.seed = self.seed >> 1 ^ 0xD008
        return self.kernel.release(DEVICE_B)


class Worker(Task):
    def start(self):
        self.target, self.letter = HANDLER_A, 0

    def step(self, packet):
        if packet is None:
            return self.kernel.suspend()
        self.target = HANDLER_B if self.target == HANDLER_A else HANDLER_A
        packet.identity = self.target
        packet.datum = 0
        for i in range(4):
            self.letter = self.letter + 1 if self.letter < 26 else 1
            packet.data[i] = self.letter
        return self.kernel.send(packet)


class Handler(Task):
    def start(self):
        self.work = self.devices = None

    def step(self, packet):
        if packet is not None:
            if packet.kind == FOR_WORK:
                self.work = packet.add_to(self.work)
            else:
                self.devices = packet.add_to(self.devices)
        work = self.work
        if work is not None:
            at = work.datum
            if at >= 4:
                self.work = work.link
                return self.kernel.send(work)
            device = self.devices
            if device is not None:
                self.devices = device.link
                device.datum = work.data[at]
                work.datum = at + 1
                return self.kernel.send(device)
        return self.kernel.suspend()


class Device(Task):
    def start(self):
        self.pending = None

    def step(self, packet):
        if packet is not None:
            self.pending = packet
            return self.kernel.hold()
        packet = self.pending
        if packet is None:
            return self.kernel.suspend()
        self.pending = None
        return self.kernel.send(packet)


class Kernel:
    def __init__(self):
        self.tasks = self.current = None
        self.table = [None] * 6
        self.queued = self.held = 0

    def schedule(self):
        self.current = self.tasks
        while self.current is not None:
            self.current = self.current.link if self.current.waits() else self.current.run()

    def release(self, identity):
        task = self.table[identity]
        task.state &= ~HELD
        return task if task.priority > self.current.priority else self.current

    def hold(self):
        self.held += 1
        self.current.state |= HELD
        return self.current.link

    def suspend(self):
        self.current.state |= SUSPENDED
        return self.current

    def send(self, packet):
        task = self.table[packet.identity]
        self.queued += 1
        packet.link = None
        packet.identity = self.current.identity
        return task.receive(self.current, packet)


def three_packets(identity):
    packet = None
    for _ in range(3):
        packet = Packet(packet, identity, FOR_DEVICE)
    return packet


def richards_once():
    kernel = Kernel()
    Idle(kernel, IDLE, 0, None).start(1, 10000)
    Worker(kernel, WORKER, 1000, Packet(Packet(None, WORKER, FOR_WORK), WORKER, FOR_WORK)).start()
    Handler(kernel, HANDLER_A, 2000, three_packets(DEVICE_A)).start()
    Handler(kernel, HANDLER_B, 3000, three_packets(DEVICE_B)).start()
    Device(kernel, DEVICE_A, 4000, None).start()
    Device(kernel, DEVICE_B, 5000, None).start()
    kernel.schedule()
    return f"{kernel.queued} {kernel.held}"


def richards(times):
    answers = {richards_once() for _ in range(times)}
    return " / ".join(sorted(answers))


# ---- word count: eight threads, one text, their counts merged -----------------------------------------------------------------

def make_words(count):
    """About 5,000 different words, low numbers more often."""
    consonants, vowels = "bcdfghjklmnprstvwxyz", "aeiou"
    syllables = [c + v for c in consonants for v in vowels]
    seed, words = 42, []
    for _ in range(count):
        seed = seed * 16807 % 2147483647
        first = seed % 5000
        seed = seed * 16807 % 2147483647
        rank = first * (seed % 5000) // 5000
        word = syllables[rank % 100] + syllables[rank // 100]
        words.append(word if rank % 3 else word + syllables[rank % 97])
    return " ".join(words)


def count_words(text, first, last):
    counts = {}
    for word in text[first:last].split():
        counts[word] = counts.get(word, 0) + 1
    return counts


def words_answer(counts):
    top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:3]
    squares = sum(count * count for count in counts.values()) % 1000003
    return f"{len(counts)} {sum(counts.values())} {squares} " + " ".join(f"{word}={count}" for word, count in top)


def word_ranges(text, parts):
    cuts = [0]
    for part in range(1, parts):
        cuts.append(text.index(" ", len(text) * part // parts) + 1)
    return list(zip(cuts, cuts[1:] + [len(text)]))


def words(text):
    parts = [None] * 8

    def count(part, first, last):
        parts[part] = count_words(text, first, last)
    threads = [threading.Thread(target=count, args=(n, *bounds)) for n, bounds in enumerate(word_ranges(text, 8))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    merged = {}
    for part in parts:
        for word, number in part.items():
            merged[word] = merged.get(word, 0) + number
    return words_answer(merged)


PROGRAMS = {"nbody": (nbody, 500000), "trees": (trees, 16), "richards": (richards, 20), "words": (words, 1000000)}


def main(name, size=None):
    program, usual = PROGRAMS[name]
    size = int(size) if size else usual
    argument = make_words(size) if name == "words" else size
    program(make_words(1000) if name == "words" else 5)
    cpu, wall = time.process_time(), time.perf_counter()
    answer = program(argument)
    print(json.dumps({"program": name, "size": size, "answer": answer, "cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}))


if __name__ == "__main__":
    main(*sys.argv[1:])
