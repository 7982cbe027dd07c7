import { findSettingIn, readConfig } from "./adapters/settings/settings.ts";
import { readWebhooks } from "./adapters/webhook/webhook-receivers.ts";
import { openContext } from "./app/context.ts";
import { createExportWorkflow } from "./app/workflow/export-workflow.ts";

/** The durable workflow that makes an export. Its function does not start when a setting is missing or malformed. */
export const handler = createExportWorkflow(
  openContext(readConfig(process.env), { webhooks: readWebhooks(findSettingIn(process.env)) }),
);
