import { createApi } from "./api.ts";
import type { HttpConfig } from "./io/config.ts";
import type { Handle } from "./io/http/http.ts";
import type { Web } from "./io/http/web.ts";
import { openWorkflow } from "./io/export/workflow.ts";
import { openWorld } from "./io/world.ts";

/** The three tries of the SDK are over before the function's half minute is. */
const patience = { connectionMs: 2_000, requestMs: 6_000 };

/** The API in the cloud. */
export function openApi(config: HttpConfig, web: Web): Handle {
  return createApi({ world: openWorld(config, { patience }), workflow: openWorkflow(config.workflow), web });
}
