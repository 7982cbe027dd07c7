import { noWebhooks, type Webhooks } from "../../core/delivery/webhook-event.ts";
import { type AddressPolicy, isWebhookSecret, parseWebhookAddresses } from "../../core/delivery/public-address.ts";
import { hashAddress } from "../bucket/key-hashes.ts";
import { ConfigError } from "../../core/settings/setting-rules.ts";

const hint =
  "must be whsec_ and the base64 of 24 to 64 random bytes, or two of these with a comma between them";

/**
 * Throws a ConfigError that quotes nothing. `find` gives the settings' texts. Apart from the other settings, because
 * what reads addresses is a library that a refusal at the URL can do without.
 */
export function readWebhooks(
  find: (name: string) => string | undefined,
  { allowLoopback = false }: AddressPolicy = {},
): Webhooks {
  const text = find("WEBHOOKS");
  if (text === undefined) return noWebhooks;
  const { urls, faults } = parseWebhookAddresses(text, { allowLoopback });
  const secrets = (find("WEBHOOK_SECRET") ?? "").split(",").map((secret) => secret.trim());
  const all = [
    ...faults.map((fault) => `the setting WEBHOOKS is malformed: ${fault}`),
    ...findFaults(secrets),
  ];
  if (all.length > 0) throw new ConfigError(all);
  return { hooks: urls.map((url) => ({ id: hashAddress(url), url })), secrets, allowLoopback };
}

function findFaults(secrets: string[]): string[] {
  if (secrets.join("") === "")
    return ["the setting WEBHOOK_SECRET (the secret WebhookSecret) is missing: WEBHOOKS are signed with it"];
  if (secrets.length <= 2 && secrets.every(isWebhookSecret)) return [];
  return [`the setting WEBHOOK_SECRET (the secret WebhookSecret) is malformed: ${hint}`];
}
