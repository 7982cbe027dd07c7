import { isPortalWebhookSecret, portalWebhookTypes } from "../functions/core/portal-webhooks/portal-webhook.ts";
import type { RegisteredWebhook, PortalWebhooks } from "./webhook-registration.ts";

export type Registered = { added: string[]; secrets: { type: string; secret: string }[] };

/**
 * Registers what is not registered there yet. Gives the secrets of all: one registered twice has two. Throws an error
 * that says what was registered before it.
 */
export async function registerWebhooks(hooks: PortalWebhooks, locate: (type: string) => string): Promise<Registered> {
  const added: string[] = [];
  try {
    return { added, secrets: await addMissing(hooks, locate, added) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}; ${describeAdded(added)}`, { cause: error });
  }
}

function describeAdded(added: string[]): string {
  if (added.length === 0) return "nothing was registered";
  return `registered before that: ${added.join(", ")}; run it again to register the rest and to save the secrets of all`;
}

async function addMissing(
  { list, add }: PortalWebhooks,
  locate: (type: string) => string,
  added: string[],
): Promise<Registered["secrets"]> {
  const known = await list();
  const secrets: Registered["secrets"] = [];
  for (const type of portalWebhookTypes) {
    const url = locate(type);
    const there = known.filter((hook) => hook.type === type && hook.url === url);
    if (there.length === 0) {
      there.push(await add({ url, type }));
      added.push(type);
    }
    secrets.push(...there.map((hook) => ({ type, secret: readSecret(hook) })));
  }
  return secrets;
}

function readSecret({ id, secret, type }: RegisteredWebhook): string {
  if (secret != null && isPortalWebhookSecret(secret)) return secret;
  throw new Error(
    `the portal tells no usable secret of ${type} (${id}): remove the webhooks and register them anew`,
  );
}
