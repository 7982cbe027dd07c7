import { createApi } from "./router.ts";
import type { HttpConfig } from "../adapters/settings/settings.ts";
import type { Handle } from "./http-messages.ts";
import type { Web } from "./page-files.ts";
import { openWorkflow } from "../adapters/workflow/lambda-workflow.ts";
import { openWorld } from "../app/context.ts";

/** The three tries of the SDK are over before the function's half minute is. */
const patience = { connectionMs: 2_000, requestMs: 6_000 };

/** The API in the cloud. */
export function openApi(config: HttpConfig, web: Web): Handle {
  return createApi({ world: openWorld(config, { patience }), workflow: openWorkflow(config.workflow), web });
}
