import type { Context } from "aws-lambda";
import { withLogIds } from "../adapters/log/log.ts";
import { prefersPage, securityHeaders } from "../core/contract/http-headers.ts";
import { isPublicPath, isReadablePath } from "../core/contract/routes.ts";
import type { PortalWebhookSecrets } from "../core/portal-webhooks/portal-webhook.ts";
import { admitPortalWebhook, requireAccessToken } from "./authentication.ts";
import { answerFailure, type HttpAnswer, type HttpEvent, type HttpHandler } from "./http-messages.ts";
import type { PageFiles } from "./page-route.ts";
import { showAsset, showPage, showPageAs } from "./page-route.ts";

type Parts = {
  accessTokens: string[];
  /** The secrets of the portal's webhooks about offers. */
  noticeSecrets: PortalWebhookSecrets;
  web: PageFiles;
  /** Loads the API. Called for the first request that may use the API, and again when loading has failed. */
  loadApi: () => Promise<HttpHandler>;
};

/**
 * Answers every request to the function URL. A browser gets the page. A caller with an access token, a link's token or
 * a webhook's secret gets the API. Everybody else gets a 401, without loading the API. Every failure is answered with a
 * problem (RFC 9457).
 */
export function createFront({ accessTokens, noticeSecrets, web, loadApi }: Parts): HttpHandler {
  let api: Promise<HttpHandler> | undefined;

  /** Loads the API. After a failure the next request that may use the API loads it again. */
  async function load(): Promise<HttpHandler> {
    try {
      return await loadApi();
    } catch (error) {
      api = undefined;
      throw error;
    }
  }

  async function answer(event: HttpEvent, context: Context): Promise<HttpAnswer> {
    if (isRead(event) && event.rawPath.startsWith("/assets/")) return await showAsset(web, event);
    if (!admitPortalWebhook(event, noticeSecrets) && !isPublicPath(event.rawPath)) {
      if (wantsPage(event))
        return isReadablePath(event.rawPath) ? await showPage(web, event) : await showPageAs(web, event, 404);
      requireAccessToken(event.headers["authorization"], accessTokens);
    }
    const handle = await (api ??= load());
    return await handle(event, context);
  }

  return async (event, context) => {
    const { requestId } = event.requestContext;
    const answering = () => answer(event, context).catch((error: unknown) => answerFailure(error, requestId));
    return secure(await withLogIds({ requestId }, answering));
  };
}

function wantsPage(event: HttpEvent): boolean {
  const { accept, authorization } = event.headers;
  return isRead(event) && authorization === undefined && prefersPage(accept);
}

function isRead({ requestContext }: HttpEvent): boolean {
  return ["GET", "HEAD"].includes(requestContext.http.method);
}

function secure(answer: HttpAnswer): HttpAnswer {
  return { ...answer, headers: { ...securityHeaders, ...answer.headers } };
}
