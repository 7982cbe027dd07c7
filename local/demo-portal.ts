import { Temporal } from "temporal-polyfill";
import { type DemoDirectory, openDemoDirectory, readPort, savePort } from "./demo-directory.ts";
import { isPortTaken } from "./loopback-server.ts";
import { makeDemo } from "./portal/demo-data.ts";
import { type Portal, startPortal } from "./portal/portal-server.ts";
import type { LocalSettings } from "./stack-settings.ts";

const demoKey = "demo-portal-key";
const latencyMs = 100;
const scopes = ["offers.read", "offers.write", "customers.read", "webhooks.read", "webhooks.write"] as const;

type DemoPortal = DemoDirectory & { env: Record<string, string>; stop: () => Promise<void> };

/** Starts the demo portal of the folder, with the rate limit of a real portal. */
export async function startDemoPortal({ directory, demo: choice }: LocalSettings): Promise<DemoPortal> {
  const today = Temporal.Now.plainDateISO("Europe/Amsterdam").toString();
  const demo = await openDemoDirectory(directory, choice, today);
  const portal = await servePortal(demo);
  await savePort(demo.directory, portal.url);
  return { ...demo, env: { PORTAL_API_URL: portal.url, PORTAL_API_KEY: demoKey }, stop: () => portal.stop() };
}

async function servePortal({ directory, madeOn, offers, clock }: DemoDirectory): Promise<Portal> {
  const data = makeDemo({ today: madeOn, offers });
  const port = await readPort(directory);
  try {
    return await startPortal({ ...data, keys: { [demoKey]: scopes }, clock, latencyMs, port });
  } catch (cause) {
    if (!isPortTaken(cause)) throw cause;
    throw new Error(
      `port ${port} is in use, and the demo portal of LOCAL_DIR needs it: stop the other program, or let the ` +
        "setting LOCAL_DIR name another folder",
      { cause },
    );
  }
}
