/* The protocol of the runtime's collector (runtime/heap/heap.h), for the model checker spin. run.py runs it.
 *
 * Mutators allocate, load and store through a mutable field, follow references, enter and leave frames, register and look up a
 * weakly held cell, block, detach and attach. Any cell may be a frame's first. The collector stops the world twice a cycle, marks one cell at a time and sweeps
 * one block at a time. Each step below is one that the real code makes without another thread seeing its middle: it is guarded
 * by a mutex, touches what only one thread touches, or is one atomic access. A running thread may make any number of steps
 * before it comes to a stop that was asked for.
 *
 * What is asserted:
 *   - no cell that a thread can reach from its stack or from the mutable field is free (check);
 *   - no cell is in two lists of free cells, or in one and in use (check, allocate);
 *   - the marker looks into no cell that is free, a frame frees no cell twice;
 *   - a look-up gives away no cell that was swept, and calls no cell dead that is reachable;
 *   - and, by spin itself, nobody waits for ever.
 *
 * Smaller than reality: a thread's stack is one word, a cell has one reference, and there is one mutable field, which is a root
 * that the marker reads at any moment, as it would a mutable cell. Cells of a thread's outermost frame are never freed by it.
 * A block's number of its cycle of birth is a bit that the next cycle clears.
 *
 * Switches: CELLS (two to a block); WEAK, BLOCKING, ATTACH, FRAMES, OUTSIDER: parts of the protocol to include; OPERATIONS: how
 * many each thread may do. FRAMES_FREE_ALWAYS (frames free during cycles, too) and NOTES_VISITED_LATER (notes that are taken at a
 * stop are visited beside the program) are other protocols, which hold. Each WITHOUT_... and BROKEN_... breaks one rule; then
 * spin must find a way to an assertion.
 */
#ifndef CELLS
#define CELLS 3
#endif
#define PER 2
#define BLOCKS ((CELLS + PER - 1) / PER)
#define ALL_CELLS ((1 << CELLS) - 1)
#define NONE CELLS
#define BIT(c) (1 << (c))
#define SET_OF(c) ((c) == NONE -> 0 : BIT(c))
#define BLOCK_OF(c) ((c) / PER)
#define BLOCK_SET(b) ((((1 << PER) - 1) << ((b) * PER)) & ALL_CELLS)
#define HAS(set, c) (((set) >> (c)) & 1)
#define NOBODY 2

/* States of a thread. */
#define RUNNING 0
#define STOPPED 1
#define BLOCKED 2
#define DETACHED 3
/* Phases. */
#define IDLE 0
#define MARKING 1
#define SWEEPING 2

/* Cells; sets of cells are masks. */
byte used, marks, grey;
byte field[CELLS];
byte listed;             /* free cells in the lists of swept blocks */
byte frame_bits;
/* Blocks; sets of blocks are masks. */
byte born, taken, available;
byte taker[BLOCKS];
/* Roots. */
byte mutable = NONE;
byte weak = NONE;
bit weak_locked;
/* Threads. */
byte slot[2], bin[2], log[2], escapes[2], noted[2], state[2];
bit frames_free[2], marking[2], cycle_end[2];
/* The world. */
byte phase, lost, snapshot;
bit stop_requested, stop_copies, mutable_pending;
hidden byte reachable, cursor, before;

/* Everything that threads can reach. */
inline reach() {
  reachable = SET_OF(slot[0]) | SET_OF(slot[1]) | SET_OF(mutable);
  cursor = 0;
  do
  :: cursor < CELLS && HAS(reachable, cursor) && field[cursor] != NONE && !HAS(reachable, field[cursor]) ->
     reachable = reachable | BIT(field[cursor]); cursor = 0
  :: cursor < CELLS && !(HAS(reachable, cursor) && field[cursor] != NONE && !HAS(reachable, field[cursor])) -> cursor++
  :: cursor == CELLS -> break
  od;
  cursor = 0
}

/* What a free cell holds means nothing; it is cleared so that states that differ in that alone are one. */
inline free(cells) {
  used = used & ~(cells);
  cursor = 0;
  do
  :: cursor < CELLS ->
     field[cursor] = (HAS(used, cursor) -> field[cursor] : NONE);
     cursor++
  :: else -> break
  od;
  cursor = 0
}

inline check() {
  reach();
  assert((reachable & ~used) == 0);
  assert((bin[0] & bin[1]) == 0);
  assert(((bin[0] | bin[1]) & (used | listed)) == 0);
  assert((listed & used) == 0);
  reachable = 0
}

/* ---- mutators ---------------------------------------------------------------------------------------------------------- */

#define FREE_BLOCKS (((1 << BLOCKS) - 1) & ~taken)
#define LOWEST(set, c) c = 0; do :: !HAS(set, c) -> c++ :: else -> break od

inline refill(t) {
  if
  :: available != 0 ->
     LOWEST(available, cursor);
     available = available & ~BIT(cursor);
     bin[t] = listed & BLOCK_SET(cursor);
     listed = listed & ~BLOCK_SET(cursor)
  :: else ->
     LOWEST(FREE_BLOCKS, cursor);
     taken = taken | BIT(cursor);
     bin[t] = BLOCK_SET(cursor)
  fi;
  born = born | BIT(cursor);
#ifdef FRAMES
  taker[cursor] = t;
#endif
  cursor = 0
}

/* A cell that leads to what the thread holds, which it holds instead. */
inline allocate(t) {
  LOWEST(bin[t], cursor);
  assert(!HAS(used, cursor));
  bin[t] = bin[t] & ~BIT(cursor);
  used = used | BIT(cursor);
  field[cursor] = slot[t];
  slot[t] = cursor;
#ifdef FRAMES
  log[t] = log[t] | BIT(cursor);
#endif
  cursor = 0
}

inline store(t, value) {
#ifndef WITHOUT_ESCAPES
  escapes[t] = escapes[t] | (SET_OF(value) & log[t]);  /* a frame looks into no other */
#endif
#ifndef WITHOUT_BARRIER
  noted[t] = noted[t] | (marking[t] -> SET_OF(mutable) : 0);
#endif
  mutable = value
}

inline copy_stack(t) {
  snapshot = snapshot | SET_OF(slot[t])
}

inline stop_here(t) {
#ifndef BROKEN_COPY_BEFORE_STOP
  if
  :: stop_copies -> copy_stack(t)
  :: else
  fi;
#endif
  state[t] = STOPPED
}

/* What only this thread's bits say; others may be leaving frames, too. */
#ifdef WITHOUT_TAKER
#define OWN(c, t) true
#else
#define OWN(c, t) (taker[BLOCK_OF(c)] == t)
#endif

inline free_frame(t) {
  before = log[t] & frame_bits;
  frame_bits = frame_bits & ~log[t];
  assert((before & ~used) == 0);
  free(before);
  bin[t] = bin[t] | before;
  before = 0;
  log[t] = 0;
  escapes[t] = 0;
  check()
}

#define LIVE(c) (HAS(born, BLOCK_OF(c)) || HAS(marks, c))

/* Free to do something; an operation begins with WORK. */
#define RUNS (state[t] == RUNNING && !leaving)
#ifdef OPERATIONS
#define READY (RUNS && operations > 0)
#define WORK operations--
#else
#define READY RUNS
#define WORK skip
#endif

proctype mutator(bit t) {
  byte work, found;
  bit sweeping, leaving;
#ifdef OPERATIONS
  byte operations = OPERATIONS;
#endif
#ifdef BROKEN_COPY_BEFORE_STOP
  bit copied;
#endif
end:
  do
  :: d_step { READY && (bin[t] != 0 || available != 0 || FREE_BLOCKS != 0) -> WORK;
       if
       :: bin[t] == 0 -> refill(t)
       :: else
       fi;
       allocate(t) }
  :: d_step { READY && slot[t] != NONE -> WORK; slot[t] = NONE }
  :: d_step { READY && slot[t] != NONE && field[slot[t]] != NONE -> WORK; slot[t] = field[slot[t]] }
  :: d_step { READY && mutable != NONE && slot[t] != mutable -> WORK; slot[t] = mutable }
  :: d_step { READY && slot[t] != mutable -> WORK; store(t, slot[t]) }
  :: d_step { READY && mutable != NONE && slot[t] != NONE -> WORK; store(t, NONE) }
#ifdef BROKEN_COPY_BEFORE_STOP
  :: d_step { RUNS && stop_requested && stop_copies && !copied -> copy_stack(t); copied = 1 }
  :: d_step { RUNS && stop_requested && (copied || !stop_copies) -> copied = 0; stop_here(t) }
#else
  :: d_step { RUNS && stop_requested -> stop_here(t) }
#endif
#ifdef BROKEN_PARKED_COUNTS_AS_STOPPED
  :: d_step { state[t] == STOPPED && !stop_requested -> state[t] = RUNNING }
#endif
#ifdef FRAMES
  :: d_step { RUNS && cycle_end[t] ->
       cycle_end[t] = 0;
       frames_free[t] = (phase == IDLE) }
  :: atomic { READY && log[t] != 0 -> WORK;
       /* The result is what the thread holds, or nothing; then it must not hold what the frame made. */
       work = escapes[t];
       if
       :: slot[t] != NONE -> work = work | BIT(slot[t])
       :: slot[t] = (slot[t] != NONE && (log[t] >> slot[t] & 1) -> NONE : slot[t])
       fi;
       d_step {
         if
         :: !frames_free[t] -> log[t] = 0; escapes[t] = 0; work = 0
         :: else -> frame_bits = frame_bits | log[t]; leaving = 1
         fi } }
  /* No safepoint, but steps of others, between these. */
  :: d_step { leaving && work != 0 ->
       LOWEST(work, found);
       work = work & ~BIT(found);
       if
       :: OWN(found, t) && HAS(frame_bits, found) ->
          frame_bits = frame_bits & ~BIT(found);
          work = work | SET_OF(field[found])
       :: else
       fi;
       found = 0 }
  :: d_step { leaving && work == 0 -> free_frame(t); leaving = 0 }
#endif
#ifdef WEAK
  :: d_step { READY && t == 0 && weak == NONE && slot[t] != NONE && !weak_locked -> WORK;
       weak = slot[t];
       escapes[t] = escapes[t] | (BIT(weak) & log[t]) }
  /* A look-up under the table's lock; the phase and the marks are read one after the other. */
  :: d_step { READY && t == 1 && weak != NONE && !weak_locked -> WORK;
#ifndef WITHOUT_TABLE_LOCK
       weak_locked = 1;
#endif
       found = weak;
       sweeping = (phase == SWEEPING) };
     d_step {
       if
       :: marking[t] -> noted[t] = noted[t] | BIT(found); slot[t] = found
       :: !marking[t] && sweeping && !LIVE(found) -> reach(); assert(!HAS(reachable, found)); reachable = 0
       :: else -> slot[t] = found
       fi;
       found = 0;
       sweeping = 0;
#ifndef WITHOUT_TABLE_LOCK
       weak_locked = 0;
#endif
       check() }
#endif
#ifdef BLOCKING
  :: d_step { READY && t == 0 -> WORK; state[t] = BLOCKED }
  :: d_step { state[t] == BLOCKED && !stop_requested -> state[t] = RUNNING }
#endif
#ifdef ATTACH
  :: d_step { READY && t == 1 && log[t] == 0 -> WORK;
#ifndef BROKEN_DETACH_FORGETS_NOTES
       lost = lost | noted[t];
#endif
       noted[t] = 0; slot[t] = NONE; bin[t] = 0; cycle_end[t] = 0; marking[t] = 0; frames_free[t] = 0;
       state[t] = DETACHED }
  :: d_step { state[t] == DETACHED && !stop_requested ->
#ifndef BROKEN_ATTACH_IGNORES_PHASE
       marking[t] = (phase == MARKING);
#endif
#ifdef FRAMES
       frames_free[t] = (phase == IDLE);
#endif
       state[t] = RUNNING }
#endif
  od
}

/* ---- the collector ------------------------------------------------------------------------------------------------------ */

inline visit(c) {
  if
  :: c != NONE && !HAS(born, BLOCK_OF(c)) && !HAS(marks, c) -> marks = marks | BIT(c); grey = grey | BIT(c)
  :: else
  fi
}

#define ALL_STOPPED (state[0] != RUNNING && state[1] != RUNNING)

inline resume_world() {
  stop_requested = 0;
#ifndef BROKEN_PARKED_COUNTS_AS_STOPPED
  state[0] = (state[0] == STOPPED -> RUNNING : state[0]);
  state[1] = (state[1] == STOPPED -> RUNNING : state[1])
#endif
}

inline retire(t) {
#ifndef WITHOUT_BIN_DROP
  bin[t] = 0;
#endif
#ifndef BROKEN_FRAMES_FREE_DURING_CYCLE
  log[t] = 0;
  escapes[t] = 0;
#ifndef FRAMES_FREE_ALWAYS
  frames_free[t] = 0;
#endif
#endif
  marking[t] = (state[t] != DETACHED)
}

inline begin_marking() {
  if
  :: state[0] == BLOCKED -> copy_stack(0)
  :: else
  fi;
  if
  :: state[1] == BLOCKED -> copy_stack(1)
  :: else
  fi;
  phase = MARKING;
  born = 0;
#ifdef FRAMES
  do  /* no cell is in a log now */
  :: cursor < BLOCKS -> taker[cursor] = NOBODY; cursor++
  :: else -> break
  od;
  cursor = 0;
#endif
  retire(0);
  retire(1);
#ifndef BROKEN_AVAILABLE_KEPT
  available = 0;
  listed = 0;
#endif
  mutable_pending = 1;
  resume_world()
}

/* True in `done` when nothing new was noted. */
inline end_marking() {
  before = marks;
  lost = lost | noted[0] | noted[1];
  noted[0] = 0;
  noted[1] = 0;
  cursor = 0;
  do
  :: cursor < CELLS ->
     if
     :: HAS(lost, cursor) -> visit(cursor)
     :: else
     fi;
     cursor++
  :: else -> break
  od;
  cursor = 0;
  lost = 0;
#ifdef BROKEN_NOTES_NOT_TRACED
  grey = 0;
  done = 1;
#else
  done = (marks == before);
#endif
  before = 0;
  if
  :: done -> marking[0] = 0; marking[1] = 0; phase = SWEEPING
  :: else
  fi;
  resume_world()
}

inline sweep_block(b) {
#ifdef BROKEN_BORN_ARE_SWEPT
  if
  :: HAS(taken, b) ->
#else
  if
  :: HAS(taken, b) && !HAS(born, b) ->
#endif
     free(BLOCK_SET(b) & ~marks);
     if
     :: (used & BLOCK_SET(b)) == 0 -> taken = taken & ~BIT(b)
     :: (used & BLOCK_SET(b)) != 0 && (used & BLOCK_SET(b)) != BLOCK_SET(b) ->
        available = available | BIT(b);
        listed = listed | (BLOCK_SET(b) & ~used)
     :: else
     fi;
     check()
  :: else
  fi
}

proctype collector() {
  byte at;
  bit done;
#ifdef NOTES_VISITED_LATER
  byte pending;  /* notes that were taken at a stop */
#endif
end:
  do
  :: stop_requested == 0 ->
#ifdef BROKEN_MARKS_CLEARED_EARLY
     marks = 0;
#endif
     /* Stop 1. */
     d_step { stop_requested = 1; stop_copies = 1 };
     d_step { ALL_STOPPED -> begin_marking() };
     /* Marking, beside the program. */
     d_step {
#ifndef BROKEN_MARKS_CLEARED_EARLY
       marks = 0;
#endif
       do
       :: at < CELLS ->
          if
          :: HAS(snapshot, at) && HAS(used, at) -> visit(at)
          :: else
          fi;
          at++
       :: else -> break
       od;
       snapshot = 0;
       at = 0 };
     do
     :: d_step { mutable_pending -> visit(mutable); mutable_pending = 0 }
     :: d_step { grey != 0 ->
          LOWEST(grey, at);
          assert(HAS(used, at));
          grey = grey & ~BIT(at);
          visit(field[at]);
          at = 0 }
     :: d_step { grey == 0 && !mutable_pending -> stop_requested = 1; stop_copies = 0 };
        /* Stop 2. */
#ifdef NOTES_VISITED_LATER
        if
        :: d_step { ALL_STOPPED -> end_marking() }
        :: d_step { ALL_STOPPED && (lost | noted[0] | noted[1]) != 0 ->
             pending = lost | noted[0] | noted[1];
             lost = 0;
             noted[0] = 0;
             noted[1] = 0;
             resume_world() };
           d_step {
             at = 0;
             do
             :: at < CELLS ->
                if
                :: HAS(pending, at) -> visit(at)
                :: else
                fi;
                at++
             :: else -> break
             od;
             at = 0;
             pending = 0 }
        fi;
#else
        d_step { ALL_STOPPED -> end_marking() };
#endif
        if
        :: done -> break
        :: else
        fi
     od;
     done = 0;
     /* Sweeping, beside the program. */
#ifdef WEAK
     d_step { !weak_locked ->
       if
       :: weak != NONE && !LIVE(weak) -> weak = NONE
       :: else
       fi };
#endif
     do
     :: at < BLOCKS -> d_step { sweep_block(at); at++ }
     :: else -> break
     od;
     atomic {
       at = 0;
       phase = IDLE;
       /* Nobody reads these until they are cleared; now, so that states that differ in them alone are one. */
#ifdef WEAK
       if
       :: !weak_locked -> marks = 0; born = 0
       :: else
       fi;
#else
       marks = 0;
       born = 0;
#endif
#ifdef FRAMES
       cycle_end[0] = (state[0] != DETACHED);
       cycle_end[1] = (state[1] != DETACHED)
#endif
     }
  od
}

#ifdef OUTSIDER
/* Ends a root without being attached: no stop waits for it. */
proctype outsider() {
  byte value;
#ifdef BROKEN_ROOT_ENDS_BEFORE_ITS_NOTE
  d_step { value = mutable; mutable = NONE };
  d_step { lost = lost | (phase == MARKING -> SET_OF(value) : 0); value = 0 }
#else
  d_step { value = mutable; mutable = NONE; lost = lost | (phase == MARKING -> SET_OF(value) : 0); value = 0 }
#endif
}
#endif

init {
  d_step {
    slot[0] = NONE;
    slot[1] = NONE;
    do
    :: cursor < BLOCKS -> taker[cursor] = NOBODY; cursor++
    :: else -> break
    od;
    cursor = 0;
    do
    :: cursor < CELLS -> field[cursor] = NONE; cursor++
    :: else -> break
    od;
    cursor = 0;
#ifdef FRAMES
    frames_free[0] = 1;
    frames_free[1] = 1
#endif
  };
  atomic {
    run collector();
    run mutator(0);
    run mutator(1);
#ifdef OUTSIDER
    run outsider()
#endif
  }
}
