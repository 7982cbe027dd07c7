import { portalWebhookTypes } from "../functions/core/portal-webhooks/portal-webhook.ts";
import type { RegisteredWebhook, PortalWebhooks } from "./webhook-registration.ts";

/** `reason` is what the portal said of the first that it did not remove. */
export type Removed = { removed: RegisteredWebhook[]; left: RegisteredWebhook[]; reason: string | null };

/** Removes what is registered there, as far as the portal lets it. */
export async function removeWebhooks(
  { list, remove }: PortalWebhooks,
  locate: (type: string) => string,
): Promise<Removed> {
  const urls = new Set(portalWebhookTypes.map(locate));
  const listOurs = async () => (await list()).filter(({ url }) => urls.has(url));
  const found = await listOurs();
  const failures: Error[] = [];
  for (const { id } of found) {
    const failure = await remove(id);
    if (failure !== null) failures.push(failure);
  }
  const left = found.length === 0 ? [] : await listOurs();
  const ids = new Set(left.map(({ id }) => id));
  const reason = failures[0]?.message ?? null;
  return { removed: found.filter(({ id }) => !ids.has(id)), left, reason };
}
