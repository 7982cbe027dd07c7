import type { Context } from "aws-lambda";
import { prefersPage } from "../core/contract/http-headers--accept.ts";
import { securityHeaders } from "../core/contract/http-headers--header.ts";
import type { NoticeSecrets } from "../core/portal-webhooks/portal-webhook.ts";
import { isPublic, isReadable } from "../core/contract/routes.ts";
import { answerFailure } from "./http-messages--failure.ts";
import type { Answer, Event, Handle } from "./http-messages.ts";
import { withIds } from "../adapters/log/log--ids.ts";
import { admitNotice } from "./authentication--notice.ts";
import { authorise } from "./authentication.ts";
import type { Web } from "./page-files.ts";
import { showAsset, showPage, showPageAs } from "./page-route.ts";

type Parts = {
  accessTokens: string[];
  /** Of the webhooks by which the portal tells of offers. */
  noticeSecrets: NoticeSecrets;
  web: Web;
  /** Loads the API, once, for the first caller who may use it. */
  loadApi: () => Promise<Handle>;
};

/**
 * The function URL: the page for a browser, the API for who has an access token, and one refusal for all others. The
 * portal itself brings a secret of its own.
 * Every failure is a problem.
 */
export function createFront({ accessTokens, noticeSecrets, web, loadApi }: Parts): Handle {
  let api: Promise<Handle> | undefined;

  /** What failed to load is loaded again for the next caller. */
  async function load(): Promise<Handle> {
    try {
      return await loadApi();
    } catch (error) {
      api = undefined;
      throw error;
    }
  }

  async function answer(event: Event, context: Context): Promise<Answer> {
    if (isRead(event) && event.rawPath.startsWith("/assets/")) return await showAsset(web, event);
    if (!admitNotice(event, noticeSecrets) && !isPublic(event.rawPath)) {
      if (wantsPage(event))
        return isReadable(event.rawPath) ? await showPage(web, event) : await showPageAs(web, event, 404);
      authorise(event.headers["authorization"], accessTokens);
    }
    const handle = await (api ??= load());
    return await handle(event, context);
  }

  return async (event, context) => {
    const { requestId } = event.requestContext;
    const answering = () => answer(event, context).catch((error: unknown) => answerFailure(error, requestId));
    return secure(await withIds({ requestId }, answering));
  };
}

function wantsPage(event: Event): boolean {
  const { accept, authorization } = event.headers;
  return isRead(event) && authorization === undefined && prefersPage(accept);
}

function isRead({ requestContext }: Event): boolean {
  return ["GET", "HEAD"].includes(requestContext.http.method);
}

function secure(answer: Answer): Answer {
  return { ...answer, headers: { ...securityHeaders, ...answer.headers } };
}
