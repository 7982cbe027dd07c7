import { createApi } from "./api.ts";
import { readHttpConfig } from "./io/config.ts";
import { openWorkflow } from "./io/workflow.ts";
import { openWorld } from "./io/world.ts";

const config = readHttpConfig(process.env);

/** The function URL's entry: a missing or malformed setting stops it at its start. */
export const handler = createApi(openWorld(config), openWorkflow(config.workflow), config.accessTokens);
