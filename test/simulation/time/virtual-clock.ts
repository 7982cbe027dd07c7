import { setImmediate } from "node:timers";

/** The date of a simulated process is wrong by up to this. */
export const maxSkewMs = 1_000;

/**
 * The time of a history, and everything that will happen in it. Nothing takes real time: the clock jumps from one event
 * to the next, as soon as the code that the last event woke has nothing left to do.
 */
export type VirtualClock = {
  /** Returns the time in whole ms since 1970. */
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** Calls `run` after `ms`. Events of the same moment happen in the order in which they were scheduled. */
  schedule: (ms: number, run: () => void) => ScheduledEvent;
  /** Lets events happen until none is left, or until the time `untilMs`, which the clock then shows. */
  advance: (untilMs?: number) => Promise<void>;
  /**
   * Lets events happen until the promise settles, and returns its value. Throws when no event is left that could settle
   * the promise.
   */
  complete: <T>(promise: Promise<T>) => Promise<T>;
  /**
   * Lets events happen by themselves, each as soon as the code has nothing left to do, until the returned function is
   * called. Also waits for files that the code reads or writes.
   */
  run: () => () => void;
  /** Stops the time of `run` until the promise settles, because the promise waits for something real. */
  hold: <T>(work: Promise<T>) => Promise<T>;
  /** Returns the number of events that have happened. */
  events: () => number;
};

export type ScheduledEvent = { atMs: number; order: number; run: (() => void) | null };

export function openVirtualClock(startMs: number): VirtualClock {
  const queue = createEventQueue();
  const held = new Set<Promise<unknown>>();
  let nowMs = startMs;
  let events = 0;

  function schedule(ms: number, run: () => void): ScheduledEvent {
    return queue.add(nowMs + Math.max(0, Math.ceil(ms)), run);
  }

  /** Lets the next event happen. Returns false when there is none before `untilMs`. */
  function step(untilMs: number): boolean {
    const next = queue.peek();
    if (next === undefined || next.atMs > untilMs) return false;
    queue.take();
    nowMs = next.atMs;
    events += 1;
    next.run?.();
    return true;
  }

  async function advance(untilMs = Infinity): Promise<void> {
    do await settle();
    while (step(untilMs));
    if (untilMs !== Infinity) nowMs = Math.max(nowMs, untilMs);
  }

  async function complete<T>(promise: Promise<T>): Promise<T> {
    let isPending = true;
    const settled = promise.finally(() => {
      isPending = false;
    });
    settled.catch(() => undefined);
    for (;;) {
      await settle();
      if (!isPending) return await settled;
      if (!step(Infinity)) throw new Error("nothing is left that could settle the promise");
    }
  }

  async function hold<T>(work: Promise<T>): Promise<T> {
    held.add(work);
    try {
      return await work;
    } finally {
      held.delete(work);
    }
  }

  function passBy(): () => void {
    const stopping = new AbortController();
    const isStopped = () => stopping.signal.aborted;
    const loop = async () => {
      while (!isStopped()) {
        do await Promise.allSettled([settle(isStopped), ...held]);
        while (!isStopped() && (held.size > 0 || isUsingFiles()));
        if (!isStopped() && !step(Infinity)) await queue.filled();
      }
    };
    void loop();
    return () => stopping.abort();
  }

  return {
    now: () => nowMs,
    run: passBy,
    hold,
    sleep: (ms) => new Promise((resolve) => void schedule(ms, resolve)),
    schedule,
    advance,
    complete,
    events: () => events,
  };
}

/** Removes an event that has not happened. */
export function cancelEvent(event: ScheduledEvent): void {
  event.run = null;
}

/**
 * Waits until the code under test waits for an event. In one turn of the event loop Node runs all callbacks of
 * `process.nextTick` and of promises, and those that they add. Only an immediate that the code itself has set can be
 * left after a turn.
 */
async function settle(isStopped = () => false): Promise<void> {
  do await new Promise<void>((resolve) => void setImmediate(resolve));
  while (!isStopped() && process.getActiveResourcesInfo().includes("Immediate"));
}

/** True while Node reads or writes a file in another thread. */
function isUsingFiles(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith("FSReq"));
}

/** A binary heap of events. The earliest event is at index 0. */
function createEventQueue() {
  const heap: ScheduledEvent[] = [];
  let orders = 0;
  let filling = Promise.withResolvers<void>();

  const isBefore = (a: ScheduledEvent, b: ScheduledEvent) =>
    a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

  function rise(event: ScheduledEvent): void {
    let index = heap.length;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || isBefore(parent, event)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = event;
  }

  function sink(event: ScheduledEvent): void {
    let index = 0;
    for (;;) {
      let childIndex = index * 2 + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const sibling = heap[childIndex + 1];
      if (sibling !== undefined && isBefore(sibling, child)) {
        childIndex += 1;
        child = sibling;
      }
      if (isBefore(event, child)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = event;
  }

  function add(atMs: number, run: () => void): ScheduledEvent {
    const event = { atMs, order: (orders += 1), run };
    rise(event);
    filling.resolve();
    return event;
  }

  function take(): void {
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) sink(last);
  }

  /** Returns the earliest event. Drops cancelled events before it. */
  function peek(): ScheduledEvent | undefined {
    while (heap[0]?.run === null) take();
    return heap[0];
  }

  /** Resolves when an event is added. */
  async function filled(): Promise<void> {
    filling = Promise.withResolvers();
    await filling.promise;
  }

  return { add, peek, take, filled };
}
