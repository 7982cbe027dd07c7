/** Runs what has the same name one after the other. */
export function createLock() {
  const tails = new Map<string, Promise<unknown>>();
  return async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const before = tails.get(name);
    const run = before === undefined ? work() : before.then(work);
    const tail = run.catch(() => undefined).finally(() => tails.get(name) === tail && tails.delete(name));
    tails.set(name, tail);
    return run;
  };
}
