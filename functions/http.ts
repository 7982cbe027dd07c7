import { createFront } from "./api/front.ts";
import { readHttpConfig } from "./adapters/settings/settings.ts";
import { openPageFiles } from "./api/page-route.ts";

const config = readHttpConfig(process.env);
// infra/http.ts copies the page's files into this folder, next to the bundle.
const web = openPageFiles("web");

/** The function URL. A missing or malformed setting stops it at start. */
export const handler = createFront({
  accessTokens: config.accessTokens,
  noticeSecrets: config.noticeSecrets,
  web,
  loadApi: async () => (await import("./api/router.ts")).openApi(config, web),
});
