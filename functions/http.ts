import { createApi } from "./api.ts";
import { createFront } from "./front.ts";
import { readHttpConfig } from "./io/config.ts";
import { openWeb } from "./io/web.ts";
import { openWorkflow } from "./io/workflow.ts";
import { openWorld } from "./io/world.ts";

/** The three tries of the SDK are over before the function's half minute is. */
const patience = { connectionMs: 2_000, requestMs: 6_000 };

const config = readHttpConfig(process.env);
// Where infra/http.ts has it copied to, beside the bundle that Lambda runs in.
const web = openWeb("web");
const world = openWorld(config, { patience });

/** The function URL's entry: a missing or malformed setting stops it at its start. */
export const handler = createFront({
  accessTokens: config.accessTokens,
  web,
  loadApi: async () => createApi({ world, workflow: openWorkflow(config.workflow), web }),
});
