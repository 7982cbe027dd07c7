import type { StoredWebhook } from "./portal-store--hook.ts";
import type { List } from "./portal-store.ts";

export type PortalStore = {
  offers: List;
  customers: List;
  hooks: StoredWebhook[];
  /** Milliseconds since 1970. */
  now: () => number;
  /** Ends in `/v1`; every link in an answer starts with it. */
  url: string;
  pageSize: number;
  nextPageSuffix: string;
};
