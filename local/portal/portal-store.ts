/** What the portal stores, as raw as it likes: only the id is sure to be there. */
export type Item = { id: string; [field: string]: unknown };

export type List = {
  all(): readonly Item[];
  find(id: string): Item | undefined;
  insert(item: Item, index: number): void;
  /** Throws when there is no such id. */
  remove(id: string): void;
  /** Puts the item in the place of the one with its id; throws when there is none. */
  replace(item: Item): void;
};

export function makeList(initial: readonly Item[]): List {
  const items = [...initial];

  function locate(id: string): number {
    const index = items.findIndex((item) => item.id === id);
    if (index < 0) throw new Error(`the demo portal holds no ${id}`);
    return index;
  }

  return {
    all: () => items,
    find: (id) => items.find((item) => item.id === id),
    insert: (item, index) => void items.splice(index, 0, item),
    remove: (id) => void items.splice(locate(id), 1),
    replace: (item) => void items.splice(locate(item.id), 1, item),
  };
}
