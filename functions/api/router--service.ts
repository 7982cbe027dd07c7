import { createApi } from "./router.ts";
import type { HttpConfig } from "../adapters/settings/settings.ts";
import type { HttpHandler } from "./http-messages.ts";
import type { PageFiles } from "./page-files.ts";
import { openLambdaWorkflow } from "../adapters/workflow/lambda-workflow.ts";
import { openContext } from "../app/context.ts";

/** The three tries of the SDK are over before the function's half minute is. */
const patience = { connectionMs: 2_000, requestMs: 6_000 };

/** The API in the cloud. */
export function openApi(config: HttpConfig, web: PageFiles): HttpHandler {
  return createApi({ world: openContext(config, { patience }), workflow: openLambdaWorkflow(config.workflow), web });
}
