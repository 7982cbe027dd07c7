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
  /** Of the webhooks by which the portal tells of offers. */
  noticeSecrets: PortalWebhookSecrets;
  web: PageFiles;
  /** Loads the API, once, for the first caller who may use it. */
  loadApi: () => Promise<HttpHandler>;
};

/**
 * The function URL: the page for a browser, the API for who has an access token, and one refusal for all others. The
 * portal itself brings a secret of its own.
 * Every failure is a problem.
 */
export function createFront({ accessTokens, noticeSecrets, web, loadApi }: Parts): HttpHandler {
  let api: Promise<HttpHandler> | undefined;

  /** What failed to load is loaded again for the next caller. */
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
