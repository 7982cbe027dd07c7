import { readWebhooks } from "../functions/adapters/webhook/webhook-receivers.ts";
import { secret } from "./linked-resources--secret.ts";

const addresses = process.env["WEBHOOKS"]?.trim() ?? "";

// Where SST's command line leaves what `sst secret set` was given, which the secret itself tells too late to refuse.
const texts = new Map([
  ["WEBHOOKS", addresses],
  ["WEBHOOK_SECRET", process.env["SST_SECRET_WebhookSecret"] ?? ""],
]);
readWebhooks((name) => texts.get(name) || undefined);

/** Sealed like a secret, which no variable of a function is: who knows such an address can post to it. */
const webhooks = new sst.Linkable("Webhooks", { properties: { addresses: $util.secret(addresses) } });

/** What tells webhooks of exports links these. */
export const webhookLinks = [secret.WebhookSecret, webhooks];
