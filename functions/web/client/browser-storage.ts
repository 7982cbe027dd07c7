type Kept = {
  read: (key: string) => string | null;
  write: (key: string, value: string) => void;
  remove: (key: string) => void;
};

/** What is forgotten when the tab is closed. */
export const tabStorage = createStorage(() => sessionStorage);

/** What is kept in the browser for all its tabs. */
export const browserStorage = createStorage(() => localStorage);

/** Where the browser blocks the data of sites, even naming a storage throws: then it is kept for the page's life. */
export function createStorage(find: () => Storage): Kept {
  const memory = new Map<string, string>();
  return {
    read: (key) => attempt(() => find().getItem(key)) ?? memory.get(key) ?? null,
    write(key, value) {
      memory.set(key, value);
      attempt(() => find().setItem(key, value));
    },
    remove(key) {
      memory.delete(key);
      attempt(() => find().removeItem(key));
    },
  };
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
