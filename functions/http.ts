import { createApi } from "./api.ts";
import { readConfig } from "./io/config.ts";
import { openWorld } from "./io/world.ts";

/** The function URL's entry: a missing or malformed setting stops it at its start. */
export const handler = createApi(openWorld(readConfig(process.env)));
