#!/usr/bin/env node
// The rows of the runtime's benchmark in Node.js: node --expose-gc peer.js [--quick] [row ...]
//
// Prints one JSON object: {"peer": ..., "rows": {row: CPU nanoseconds per operation}, "checksum": ...}. A row is the least of five
// medians, each over three rounds, after rounds that warm up; a row whose result is wrong ends the run. The Python twin is peer.py.
// CPU time is that of the process, so it has the compiler's and the collector's threads in it.
'use strict';

const rows = {};
let checksum = 0;
let sink = 0;  // what the work leaves here cannot be left out by the compiler

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

function cpuMicroseconds() {
  const used = process.cpuUsage();
  return used.user + used.system;
}

function measure(name, medians) {
  const { work, operations, expected, least = 20000 } = rows[name]();
  const once = () => {
    const result = work();
    if (result !== expected) throw new Error(`${name}: ${result} instead of ${expected}`);
  };
  let repeats = 1;  // so that a round takes 20 ms or so: cpuUsage() counts microseconds
  for (;;) {
    const began = cpuMicroseconds();
    for (let i = 0; i < repeats; ++i) once();
    if (cpuMicroseconds() - began >= least || repeats >= 1 << 20) break;
    repeats *= 2;
  }
  const round = () => {
    const began = cpuMicroseconds();
    for (let i = 0; i < repeats; ++i) once();
    return (cpuMicroseconds() - began) * 1000 / (operations * repeats);
  };
  checksum = (checksum * 31 + Number(expected)) % 1000003;
  const found = [];
  for (let i = 0; i < medians; ++i) found.push(median([round(), round(), round()]));
  return Math.min(...found);
}

function numbers(count, limit, seed = 42) {
  const found = [];
  for (let i = 0; i < count; ++i) {
    seed = seed * 16807 % 2147483647;
    found.push(seed % limit);
  }
  return found;
}
const sum = (values) => values.reduce((a, b) => a + b, 0);

// ---- objects ------------------------------------------------------------------------------------------------------------

class Point {
  constructor(x, y, z) {
    this.x = x;
    this.y = y;
    this.z = z;
  }
  add(n) { return n + this.y; }
}

// Written between reads, so that the loads are not moved out of the loop.
rows.attribute_hot = () => {
  const points = [new Point(1, 2, 3), new Point(1, 2, 3)];
  return {
    operations: 200000, expected: 200000,
    work() {
      let total = 0;
      for (let i = 0; i < 200000; ++i) total += points[i & 1].x;
      return total;
    },
  };
};

rows.attribute_inherited = () => {
  let top = { x: 1 };
  for (let level = 0; level < 10; ++level) top = Object.create(top);
  const things = [Object.create(top), Object.create(top)];
  return {
    operations: 200000, expected: 200000,
    work() {
      let total = 0;
      for (let i = 0; i < 200000; ++i) total += things[i & 1].x;
      return total;
    },
  };
};

rows.attribute_random = () => {
  const things = [];
  for (let n = 0; n < 20000; ++n) things.push({ a: 0, b: 0, c: 0, d: 0, e: 0, f: 0, g: 0, h: 0, i: 0, j: n });
  const shuffled = numbers(100000, 20000).map((n) => things[n]);
  return {
    operations: 100000, expected: sum(numbers(100000, 20000)),
    work() {
      let total = 0;
      for (const thing of shuffled) total += thing.j;
      return total;
    },
  };
};

const held = new Array(64);
rows.new_object_immutable = () => ({
  operations: 100000, expected: 99999,
  work() {
    for (let n = 0; n < 100000; ++n) held[n & 63] = Object.freeze({ x: n, y: 2, z: 3 });
    return held[99999 & 63].x;
  },
});

rows.new_object_mutable = () => ({
  operations: 100000, expected: 99999,
  work() {
    for (let n = 0; n < 100000; ++n) held[n & 63] = new Point(n, 2, 3);
    return held[99999 & 63].x;
  },
});

rows.allocate_drop = () => ({
  operations: 200000, expected: 199999,
  work() {
    for (let n = 0; n < 200000; ++n) held[n & 63] = { x: n };
    return held[199999 & 63].x;
  },
});

rows.overwrite_attribute = () => {
  const points = [new Point(1, 2, 3), new Point(1, 2, 3)];
  return {
    operations: 200000, expected: 199999,
    work() {
      for (let n = 0; n < 200000; ++n) points[n & 1].x = n;
      return points[1].x;
    },
  };
};

rows.native_call = () => {
  const kinds = [new Point(1, 0, 3), new Point(1, 0, 4)];
  return {
    operations: 200000, expected: 199999,
    work() {
      let last = 0;
      for (let n = 0; n < 200000; ++n) last = kinds[n & 1].add(n);
      return last;
    },
  };
};

// ---- lists --------------------------------------------------------------------------------------------------------------

const appendRow = (count) => ({
  operations: count, expected: count,
  work() {
    const items = [];
    for (let n = 0; n < count; ++n) items.push(n);
    return items.length;
  },
});
rows.list_append_100k = () => appendRow(100000);
rows.list_append_1m = () => appendRow(1000000);

const range = (count) => Array.from({ length: count }, (_, n) => n);
function getRow(count) {
  const items = range(count);
  const places = numbers(65536, count);
  return {
    operations: 65536, expected: sum(places),
    work() {
      let total = 0;
      for (const place of places) total += items[place];
      return total;
    },
  };
}
rows.list_get_100k = () => getRow(100000);
rows.list_get_1m = () => getRow(1000000);

rows.list_iterate = () => {
  const items = range(1000000);
  return {
    operations: 1000000, expected: 499999500000,
    work() {
      let total = 0;
      for (const item of items) total += item;
      return total;
    },
  };
};

rows.list_slice_half = () => {
  const items = range(100000);
  return { operations: 1, expected: 25000, work: () => items.slice(25000, 75000)[0] };
};

rows.list_join_1m = () => {
  const left = range(1000000), right = range(1000000);
  return { operations: 1, expected: 2000000, work: () => left.concat(right).length };
};

// ---- maps and sets ------------------------------------------------------------------------------------------------------

rows.map_build = () => {
  const keys = numbers(100000, 2147483647);
  return {
    operations: 100000, expected: new Set(keys).size,
    work() {
      const found = new Map();
      for (const key of keys) found.set(key, key);
      return found.size;
    },
  };
};

rows.map_get = () => {
  const keys = numbers(100000, 2147483647);
  const found = new Map(keys.map((key) => [key, key]));
  const places = numbers(100000, 100000, 7).map((n) => keys[n]);
  return {
    operations: 100000, expected: sum(places),
    work() {
      let total = 0;
      for (const key of places) total += found.get(key);
      return total;
    },
  };
};

const twoSets = () => [new Set(numbers(100000, 200000)), new Set(numbers(100000, 200000, 7))];

rows.set_union = () => {
  const [left, right] = twoSets();
  const work = () => {
    const both = new Set(left);
    for (const n of right) both.add(n);
    return both.size;
  };
  return { operations: 1, expected: new Set([...left, ...right]).size, work };
};

rows.set_intersection = () => {
  const [left, right] = twoSets();
  const work = () => {
    const both = new Set();
    for (const n of left) if (right.has(n)) both.add(n);
    return both.size;
  };
  return { operations: 1, expected: [...left].filter((n) => right.has(n)).length, work };
};

// ---- strings ------------------------------------------------------------------------------------------------------------

const megabyte = 1 << 20;
const longBytes = Buffer.alloc(megabyte, 'The quick brown fox jumps over the lazy dog. ');
const longText = () => longBytes.toString('utf8');

rows.string_append = () => ({
  operations: 100000, expected: 100000,
  work() {
    let text = '';
    for (let n = 0; n < 100000; ++n) text += 'x';
    return text.length;
  },
});

rows.string_from_utf8 = () => ({ operations: megabyte, expected: megabyte, work: () => longText().length });

rows.string_compare = () => {
  const left = longText(), right = longText();
  return { operations: 1, expected: true, work: () => left === right };
};

// The first look inside a concatenation makes it flat; here nobody looks.
rows.string_concat = () => {
  const texts = [longText(), longText()];
  return {
    operations: 1000, expected: 2 * megabyte,
    work() {
      for (let n = 0; n < 1000; ++n) held[n & 63] = texts[n & 1] + texts[n >> 1 & 1];
      return held[0].length;
    },
  };
};

rows.string_slice = () => {
  const text = longText();
  return {
    operations: 1000, expected: megabyte / 2,
    work() {
      for (let n = 0; n < 1000; ++n) held[n & 63] = text.slice(megabyte / 4 + (n & 7), megabyte / 4 * 3 + (n & 7));
      return held[0].length;
    },
  };
};

rows.string_index = () => {
  const text = longText();
  const places = numbers(100000, megabyte);
  return {
    operations: 100000, expected: places.filter((n) => text[n] === 'o').length,
    work() {
      let total = 0;
      for (const place of places) if (text[place] === 'o') ++total;
      return total;
    },
  };
};

let generation = 0;
rows.symbol_new = () => ({
  operations: 100000, expected: 100000,
  work() {
    const prefix = `symbol_${++generation}_`;
    const kept = [];
    for (let n = 0; n < 100000; ++n) kept.push(Symbol.for(prefix + n));
    return kept.length;
  },
});

// ---- tuples and integers ------------------------------------------------------------------------------------------------

rows.tuple_new = () => ({
  operations: 200000, expected: 200001,
  work() {
    const kept = [];
    for (let n = 0; n < 200000; ++n) kept.push(Object.freeze([n, n + 1, n + 2]));
    return kept[kept.length - 1][2];
  },
});

// Dividends that differ and quotients that are kept, or the division is moved out of the loop.
rows.integer_divide = () => {
  const dividends = range(8).map((n) => BigInt('9'.repeat(1204)) + BigInt(n)), b = BigInt('7'.repeat(602));
  return {
    operations: 200, expected: Number((dividends[7] / b) % 1000n),
    work() {
      for (let n = 0; n < 200; ++n) held[n & 63] = dividends[n & 7] / b;
      return Number(held[199 & 63] % 1000n);
    },
  };
};

rows.factorial_text = () => ({
  operations: 1, expected: 2568,
  work() {
    let product = 1n;
    for (let n = 2n; n <= 1000n; ++n) product *= n;
    return product.toString().length;
  },
});

// ---- the collector ------------------------------------------------------------------------------------------------------

rows.collect_1m = () => {
  const kept = Array.from({ length: 1000000 }, (_, n) => [n]);
  return { operations: 1, expected: 1000000, least: 0, work: () => (global.gc(), kept.length) };
};

function main(options) {
  const quick = options.includes('--quick');
  let wanted = options.filter((option) => !option.startsWith('--'));
  if (wanted.length === 0) wanted = Object.keys(rows);
  if (typeof global.gc !== 'function') wanted = wanted.filter((name) => name !== 'collect_1m');
  const figures = {};
  for (const name of wanted) {
    figures[name] = measure(name, quick ? 1 : 5);
    sink += figures[name];
  }
  console.log(JSON.stringify({ peer: `Node.js ${process.version.slice(1)}`, rows: figures, checksum, finite: Number.isFinite(sink) }));
}

main(process.argv.slice(2));
