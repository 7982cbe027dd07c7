import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Cloud, startCloud } from "../lambda/cloud.ts";
import { makeDemo } from "../portal/data.ts";
import { type Portal, startPortal } from "../portal/server.ts";
import { makeSecret } from "../settings.ts";

const root = resolve(import.meta.dirname, "../..");
/** The portal's minute passes in three seconds, which changes neither the requests nor what is computed. */
const windowSeconds = 3;
const latencyMs = 100;

export type Place = { cloud: Cloud; portal: Portal; directory: string };

/** A new deployment with a demo portal of so many offers, for as long as `use` takes. */
export async function withPlace<T>(
  { offers, today }: { offers: number; today: string },
  use: (place: Place) => Promise<T>,
): Promise<T> {
  await using parts = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "offer-export-cost-"));
  parts.defer(() => rm(directory, { recursive: true }));
  const portalKey = makeSecret();
  const portal = await startPortal({
    ...makeDemo({ today, offers }),
    keys: { [portalKey]: ["offers.read", "customers.read"] },
    latencyMs,
    windowMs: windowSeconds * 1000,
  });
  parts.defer(() => portal.stop());
  const env = { PORTAL_API_URL: portal.url, PORTAL_RATE_WINDOW_SECONDS: String(windowSeconds) };
  const cloud = await startCloud({ root, directory, portalKey, env });
  parts.defer(() => cloud.stop());
  return await use({ cloud, portal, directory });
}
