import type { Hook } from "./portal-store--hook.ts";
import type { List } from "./portal-store.ts";

export type Shop = {
  offers: List;
  customers: List;
  hooks: Hook[];
  /** Milliseconds since 1970. */
  now: () => number;
  /** Ends in `/v1`; every link in an answer starts with it. */
  url: string;
  pageSize: number;
  nextPageSuffix: string;
};
