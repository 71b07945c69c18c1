#!/usr/bin/env node
// Four programs in Node.js: node programs.js NAME [SIZE], with NAME one of nbody, trees, richards, words.
//
// Prints one JSON object: program, size, answer, CPU and wall seconds (a small run before warms up; start-up is not in them).
// programs.py says where the same programs stand in other languages; the answers are equal texts.
'use strict';
const { Worker: Thread, isMainThread, parentPort, workerData } = require('worker_threads');

// ---- n-body --------------------------------------------------------------------------------------------------------------

const solarMass = 4 * Math.PI * Math.PI;
const days = 365.24;

class Body {
  constructor(x, y, z, vx, vy, vz, mass) {
    this.x = x;
    this.y = y;
    this.z = z;
    this.vx = vx * days;
    this.vy = vy * days;
    this.vz = vz * days;
    this.mass = mass * solarMass;
  }
}

function makeBodies() {
  const bodies = [
    new Body(0, 0, 0, 0, 0, 0, 1),
    new Body(4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01,
             1.66007664274403694e-03, 7.69901118419740425e-03, -6.90460016972063023e-05, 9.54791938424326609e-04),
    new Body(8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01,
             -2.76742510726411899e-03, 4.99852801234917238e-03, 2.30417297573763929e-05, 2.85885980666130812e-04),
    new Body(1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01,
             2.96460137564761618e-03, 2.37847173959480950e-03, -2.96589568540237556e-05, 4.36624404335156298e-05),
    new Body(1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01,
             2.68067772490389322e-03, 1.62824170038242295e-03, -9.51592254519715870e-05, 5.15138902046611451e-05),
  ];
  let px = 0, py = 0, pz = 0;
  for (const body of bodies) {
    px += body.vx * body.mass;
    py += body.vy * body.mass;
    pz += body.vz * body.mass;
  }
  const sun = bodies[0];
  sun.vx = -px / solarMass;
  sun.vy = -py / solarMass;
  sun.vz = -pz / solarMass;
  return bodies;
}

function advance(bodies, dt) {
  const count = bodies.length;
  for (let i = 0; i < count; ++i) {
    const a = bodies[i];
    for (let j = i + 1; j < count; ++j) {
      const b = bodies[j];
      const dx = a.x - b.x, dy = a.y - b.y, dz = a.z - b.z;
      const squared = dx * dx + dy * dy + dz * dz;
      const magnitude = dt / (squared * Math.sqrt(squared));
      let mass = b.mass * magnitude;
      a.vx -= dx * mass;
      a.vy -= dy * mass;
      a.vz -= dz * mass;
      mass = a.mass * magnitude;
      b.vx += dx * mass;
      b.vy += dy * mass;
      b.vz += dz * mass;
    }
  }
  for (const body of bodies) {
    body.x += dt * body.vx;
    body.y += dt * body.vy;
    body.z += dt * body.vz;
  }
}

function energy(bodies) {
  let total = 0;
  for (let i = 0; i < bodies.length; ++i) {
    const a = bodies[i];
    total += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz);
    for (let j = i + 1; j < bodies.length; ++j) {
      const b = bodies[j];
      const dx = a.x - b.x, dy = a.y - b.y, dz = a.z - b.z;
      total -= a.mass * b.mass / Math.sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return total;
}

function nbody(steps) {
  const bodies = makeBodies();
  const before = energy(bodies);
  for (let i = 0; i < steps; ++i) advance(bodies, 0.01);
  return `${before.toFixed(9)} ${energy(bodies).toFixed(9)}`;
}

// ---- binary trees ----------------------------------------------------------------------------------------------------------

class Node {
  constructor(left, right) {
    this.left = left;
    this.right = right;
  }
}

const makeTree = (depth) => depth === 0 ? new Node(null, null) : new Node(makeTree(depth - 1), makeTree(depth - 1));
const countNodes = (tree) => tree.left === null ? 1 : 1 + countNodes(tree.left) + countNodes(tree.right);

function trees(most) {
  const answer = [countNodes(makeTree(most + 1))];
  const kept = makeTree(most);
  for (let depth = 4; depth <= most; depth += 2) {
    let total = 0;
    for (let i = 1 << (most - depth + 4); i > 0; --i) total += countNodes(makeTree(depth));
    answer.push(total);
  }
  return [...answer, countNodes(kept)].join(' ');
}

// ---- Richards --------------------------------------------------------------------------------------------------------------

const [IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B] = [0, 1, 2, 3, 4, 5];
const [FOR_DEVICE, FOR_WORK] = [0, 1];
const [RUNNABLE, SUSPENDED, HELD] = [1, 2, 4];

class Packet {
  constructor(link, identity, kind) {
    this.link = link;
    this.identity = identity;
    this.kind = kind;
    this.datum = 0;
    this.data = [0, 0, 0, 0];
  }
  addTo(queue) {
    this.link = null;
    if (queue === null) return this;
    let last = queue;
    while (last.link !== null) last = last.link;
    last.link = this;
    return queue;
  }
}

class Task {
  constructor(kernel, identity, priority, queue) {
    this.kernel = kernel;
    this.identity = identity;
    this.priority = priority;
    this.queue = queue;
    this.link = kernel.tasks;
    this.state = queue === null ? SUSPENDED : SUSPENDED | RUNNABLE;
    kernel.tasks = kernel.table[identity] = this;
  }
  waits() { return (this.state & HELD) !== 0 || this.state === SUSPENDED; }
  run() {
    let packet = null;
    if (this.state === (SUSPENDED | RUNNABLE)) {
      packet = this.queue;
      this.queue = packet.link;
      this.state = this.queue === null ? 0 : RUNNABLE;
    }
    return this.step(packet);
  }
  receive(sender, packet) {
    if (this.queue === null) {
      this.queue = packet;
      this.state |= RUNNABLE;
      if (this.priority > sender.priority) return this;
    } else {
      this.queue = packet.addTo(this.queue);
    }
    return sender;
  }
}

class Idle extends Task {
  start(seed, count) {
    this.seed = seed;
    this.count = count;
    this.state = 0;
  }
  step() {
    if (--this.count === 0) return this.kernel.hold();
    if ((this.seed & 1) === 0) {
      this.seed >>= 1;
      return this.kernel.release(DEVICE_A);
    }
    this.seed = this.seed >> 1 ^ 0xD008;
    return this.kernel.release(DEVICE_B);
  }
}

class Worker extends Task {
  start() {
    this.target = HANDLER_A;
    this.letter = 0;
  }
  step(packet) {
    if (packet === null) return this.kernel.suspend();
    this.target = this.target === HANDLER_A ? HANDLER_B : HANDLER_A;
    packet.identity = this.target;
    packet.datum = 0;
    for (let i = 0; i < 4; ++i) {
      this.letter = this.letter < 26 ? this.letter + 1 : 1;
      packet.data[i] = this.letter;
    }
    return this.kernel.send(packet);
  }
}

class Handler extends Task {
  start() { this.work = this.devices = null; }
  step(packet) {
    if (packet !== null) {
      if (packet.kind === FOR_WORK) this.work = packet.addTo(this.work);
      else this.devices = packet.addTo(this.devices);
    }
    const work = this.work;
    if (work !== null) {
      const at = work.datum;
      if (at >= 4) {
        this.work = work.link;
        return this.kernel.send(work);
      }
      const device = this.devices;
      if (device !== null) {
        this.devices = device.link;
        device.datum = work.data[at];
        work.datum = at + 1;
        return this.kernel.send(device);
      }
    }
    return this.kernel.suspend();
  }
}

class Device extends Task {
  start() { this.pending = null; }
  step(packet) {
    if (packet !== null) {
      this.pending = packet;
      return this.kernel.hold();
    }
    const pending = this.pending;
    if (pending === null) return this.kernel.suspend();
    this.pending = null;
    return this.kernel.send(pending);
  }
}

class Kernel {
  constructor() {
    this.tasks = this.current = null;
    this.table = [null, null, null, null, null, null];
    this.queued = this.held = 0;
  }
  schedule() {
    this.current = this.tasks;
    while (this.current !== null) this.current = this.current.waits() ? this.current.link : this.current.run();
  }
  release(identity) {
    const task = this.table[identity];
    task.state &= ~HELD;
    return task.priority > this.current.priority ? task : this.current;
  }
  hold() {
    this.held += 1;
    this.current.state |= HELD;
    return this.current.link;
  }
  suspend() {
    this.current.state |= SUSPENDED;
    return this.current;
  }
  send(packet) {
    const task = this.table[packet.identity];
    this.queued += 1;
    packet.link = null;
    packet.identity = this.current.identity;
    return task.receive(this.current, packet);
  }
}

function threePackets(identity) {
  let packet = null;
  for (let i = 0; i < 3; ++i) packet = new Packet(packet, identity, FOR_DEVICE);
  return packet;
}

function richardsOnce() {
  const kernel = new Kernel();
  new Idle(kernel, IDLE, 0, null).start(1, 10000);
  new Worker(kernel, WORKER, 1000, new Packet(new Packet(null, WORKER, FOR_WORK), WORKER, FOR_WORK)).start();
  new Handler(kernel, HANDLER_A, 2000, threePackets(DEVICE_A)).start();
  new Handler(kernel, HANDLER_B, 3000, threePackets(DEVICE_B)).start();
  new Device(kernel, DEVICE_A, 4000, null).start();
  new Device(kernel, DEVICE_B, 5000, null).start();
  kernel.schedule();
  return `${kernel.queued} ${kernel.held}`;
}

function richards(times) {
  const answers = new Set();
  for (let i = 0; i < times; ++i) answers.add(richardsOnce());
  return [...answers].sort().join(' / ');
}

// ---- word count: eight threads over one shared buffer ------------------------------------------------------------------------

function makeWords(count) {
  const syllables = [];
  for (const c of 'bcdfghjklmnprstvwxyz') for (const v of 'aeiou') syllables.push(c + v);
  const words = [];
  for (let seed = 42, i = 0; i < count; ++i) {
    seed = seed * 16807 % 2147483647;
    const first = seed % 5000;
    seed = seed * 16807 % 2147483647;
    const rank = Math.floor(first * (seed % 5000) / 5000);
    const word = syllables[rank % 100] + syllables[Math.floor(rank / 100)];
    words.push(rank % 3 ? word : word + syllables[rank % 97]);
  }
  return words.join(' ');
}

function countWords(text) {
  const counts = new Map();
  for (const word of text.split(' ')) if (word) counts.set(word, (counts.get(word) || 0) + 1);
  return counts;
}

function wordsAnswer(counts) {
  const top = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 3);
  let total = 0, squares = 0;
  for (const count of counts.values()) {
    total += count;
    squares = (squares + count * count) % 1000003;
  }
  return `${counts.size} ${total} ${squares} ` + top.map(([word, count]) => `${word}=${count}`).join(' ');
}

async function words(text) {
  const shared = new Uint8Array(new SharedArrayBuffer(text.length));
  shared.set(Buffer.from(text));
  const cuts = [0];
  for (let part = 1; part < 8; ++part) cuts.push(text.indexOf(' ', Math.floor(text.length * part / 8)) + 1);
  cuts.push(text.length);
  const count = (part) => new Promise((resolve, reject) => {
    const thread = new Thread(__filename, { workerData: { shared, first: cuts[part], last: cuts[part + 1] } });
    thread.once('message', resolve);
    thread.once('error', reject);
  });
  const parts = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(count));
  const merged = new Map();
  for (const part of parts) for (const [word, number] of part) merged.set(word, (merged.get(word) || 0) + number);
  return wordsAnswer(merged);
}

// ---- the program -----------------------------------------------------------------------------------------------------------

const programs = { nbody: [nbody, 500000], trees: [trees, 16], richards: [richards, 20], words: [words, 1000000] };

async function main(name, size) {
  const [program, usual] = programs[name];
  size = size ? Number(size) : usual;
  const argument = name === 'words' ? makeWords(size) : size;
  await program(name === 'words' ? makeWords(1000) : 5);
  const cpu = process.cpuUsage(), wall = process.hrtime.bigint();
  const answer = await program(argument);
  const used = process.cpuUsage(cpu);
  console.log(JSON.stringify({ program: name, size, answer, cpu_s: (used.user + used.system) / 1e6,
                               wall_s: Number(process.hrtime.bigint() - wall) / 1e9 }));
}

if (isMainThread) {
  main(...process.argv.slice(2));
} else {
  const bytes = Buffer.from(workerData.shared.buffer, workerData.first, workerData.last - workerData.first);
  parentPort.postMessage(countWords(bytes.toString('latin1')));
}
