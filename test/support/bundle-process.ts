import { registerHooks } from "node:module";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * This program runs in a bundle's folder and calls the bundle's handler with `GET /`. The last line that the program
 * prints has the answer's status and the names of the files that were loaded.
 */
const loaded: string[] = [];
registerHooks({
  load: (url, context, next) => {
    loaded.push(basename(url));
    return next(url, context);
  },
});

const { handler } = await import(pathToFileURL(resolve("bundle.mjs")).href);
const headers: unknown = JSON.parse(process.argv[2] ?? "{}");
const http = { method: "GET", path: "/" };
const requestContext = { requestId: "1", http };
const event = { version: "2.0", headers, rawPath: "/", rawQueryString: "", requestContext };
const { statusCode } = await handler(event, { getRemainingTimeInMillis: () => 30_000 });
process.stdout.write(`\n${JSON.stringify({ statusCode, loaded })}`);
