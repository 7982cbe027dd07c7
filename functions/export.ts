import { findIn, readConfig } from "./adapters/settings/settings.ts";
import { readWebhooks } from "./adapters/webhook/webhook-receivers.ts";
import { openWorld } from "./app/context.ts";
import { createWorkflow } from "./app/workflow/export-workflow.ts";

/** The durable workflow's entry: a missing or malformed setting stops it at its start. */
export const handler = createWorkflow(
  openWorld(readConfig(process.env), { webhooks: readWebhooks(findIn(process.env)) }),
);
