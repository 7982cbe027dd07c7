import { findIn, readConfig } from "./io/config.ts";
import { readWebhooks } from "./io/delivery/webhooks.ts";
import { openWorld } from "./io/world.ts";
import { createWorkflow } from "./workflow.ts";

/** The durable workflow's entry: a missing or malformed setting stops it at its start. */
export const handler = createWorkflow(
  openWorld(readConfig(process.env), { webhooks: readWebhooks(findIn(process.env)) }),
);
