import { join, relative } from "node:path";
import { buildWeb } from "../local/build-page.ts";

const { root, work } = $cli.paths;

/** The browser's page, built anew for this deployment. */
export const web = { from: relative(root, await buildWeb(root, join(work, "web"))), to: "web" };
