import { expect } from "vitest";
import type { AppContext } from "../../functions/app/context.ts";
import { readExport } from "../../functions/app/export/export-store.ts";
import { readOffers } from "../../functions/app/snapshot/snapshot-reader.ts";
import { readRegistry, withSnapshot } from "../../functions/app/snapshot/snapshot-store.ts";
import type { ExportState } from "../../functions/core/export/export-state.ts";
import { redactOffer } from "../../functions/core/offer/offer.ts";
import type { Portal } from "../../local/portal/portal-server.ts";
import type { Item } from "../../local/portal/portal-store.ts";
import { startExport } from "./export-requests.ts";
import { rawOffer } from "./offer-fixtures.ts";
import { openVirtualPortal, openVirtualStack, type VirtualStack } from "./virtual-stack.ts";
import { useWorld } from "./virtual-world.ts";

const dayMs = 86_400_000;
const startMs = Date.parse("2020-01-01T09:00:00Z");

export const offerCount = 1_800;

/** Makes an offer. Higher numbers are newer. */
export function makeNumberedOffer(number: number, changes: Record<string, unknown> = {}): Item {
  const createdAt = new Date(startMs + number * dayMs).toISOString();
  const id = `off_${String(number).padStart(15, "0")}`;
  const offer = { offerNumber: `N-${number}`, createdAt, acceptedAt: createdAt, ...changes };
  return { ...rawOffer(offer), id };
}

const undecided = { acceptedAt: null, expiresAt: "2099-12-31" };
const isOpen = (number: number) => number > offerCount - 20;

/** Makes a list with the newest offer first. All but the newest 20 offers are accepted. */
export function makeNumberedOffers(): Item[] {
  const numbers = Array.from({ length: offerCount }, (_, index) => offerCount - index);
  return numbers.map((number) => makeNumberedOffer(number, isOpen(number) ? undecided : {}));
}

/** Adds five offers, decides three and removes two. */
export function changeOffers({ offers }: Portal): void {
  for (let number = offerCount + 1; number <= offerCount + 5; number += 1)
    offers.insert(makeNumberedOffer(number, undecided), 0);
  for (const number of [offerCount, offerCount - 7, offerCount - 19])
    offers.replace(makeNumberedOffer(number, { acceptedAt: "2026-11-01T09:00:00Z" }));
  for (const place of [905, -17]) offers.remove(offers.all().at(place)?.id ?? "");
}

export type RefreshStack = VirtualStack & {
  portal: Portal;
  /** Runs an export to its end, with `maxAge: 0` unless the options say otherwise, and counts its requests. */
  report: (options?: Record<string, unknown>) => Promise<ExportState & { requests: number }>;
};

/** Opens a portal of 120 pages on a fast clock, and a stack that exports it. */
export async function openRefreshStack(
  options: Parameters<typeof openVirtualPortal>[0] = {},
): Promise<RefreshStack> {
  const clock = useWorld().clock;
  const portal = await openVirtualPortal({ offers: makeNumberedOffers(), limit: 60, clock, ...options });
  const stack = await openVirtualStack(portal, {}, clock);

  async function report(wanted: Record<string, unknown> = {}) {
    const before = portal.requests.length;
    const id = await startExport(stack, { customers: false, format: "csv", maxAge: 0, ...wanted });
    await stack.runner.finish(id);
    const state = await readExport(stack.app, id);
    if (state?.result == null) throw new Error(`no result: ${state?.problem?.detail}`);
    return { ...state, requests: portal.requests.length - before };
  }

  return { ...stack, portal, report };
}

/** Expects that the newest snapshot holds the portal's offers in the portal's order. */
export async function expectSnapshotOfPortal(app: AppContext, portal: Portal): Promise<void> {
  const { snapshots } = await readRegistry(app);
  const listed: unknown[] = [];
  await withSnapshot(app, snapshots[0]?.snapshotId ?? "", async (manifest) => {
    for await (const offer of readOffers(app.bucket, manifest)) listed.push(offer);
  });
  expect(listed).toEqual(portal.offers.all().map((offer) => redactOffer(offer, false)));
}
