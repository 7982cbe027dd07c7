import { createFront } from "./api/front.ts";
import { readHttpConfig } from "./adapters/settings/settings.ts";
import { openPageFiles } from "./api/page-route.ts";

const config = readHttpConfig(process.env);
// Where infra/http.ts has it copied to, beside the bundle that Lambda runs in.
const web = openPageFiles("web");

/** The function URL's entry: a missing or malformed setting stops it at its start. */
export const handler = createFront({
  accessTokens: config.accessTokens,
  noticeSecrets: config.noticeSecrets,
  web,
  loadApi: async () => (await import("./api/router.ts")).openApi(config, web),
});
