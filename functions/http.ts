import { readHttpConfig } from "./adapters/settings/settings.ts";
import { createFront } from "./api/front.ts";
import { openPageFiles } from "./api/page-route.ts";

const config = readHttpConfig(process.env);
// infra/http.ts copies the page's files into the folder `web` next to the bundle.
const web = openPageFiles("web");

/** This function answers requests to the function URL. It does not start when a setting is missing or malformed. */
export const handler = createFront({
  accessTokens: config.accessTokens,
  noticeSecrets: config.noticeSecrets,
  web,
  loadApi: async () => (await import("./api/router.ts")).openApi(config, web),
});
