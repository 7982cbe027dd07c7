import type { ViewContext } from "../components/view-elements--app.ts";
import { rememberDownload } from "../components/pending-download--awaited.ts";
import type { PageWords } from "../words/page-dutch.ts";
import { make } from "../components/view-elements.ts";
import { makeHomeLink } from "../components/feedback--link.ts";
import { showMessage } from "../components/feedback--notice.ts";
import { showOutcome } from "./outcome-view.ts";
import { ApiError } from "../client/api-client--refusal.ts";
import { showRunningExport } from "./export-view.ts";

/** What a permanent link leads to, for whoever has it: progress, then the file. */
export async function openSharedExport(app: ViewContext, token: string): Promise<void> {
  const { words } = app.speech;
  const { visited } = app.memory;
  try {
    const look = () => app.client.readShare(token);
    const seen = await showRunningExport(app, { title: words.share.title, isOwn: false, look });
    if (!visited.has(token)) rememberDownload(seen.id);
    visited.add(token);
    showOutcome(app, seen, [make("a", { class: "primary", href: `/s/${token}` }, words.result.download)]);
  } catch (error) {
    const notice = error instanceof ApiError ? findNotice(error, words) : null;
    if (notice === null) throw error;
    showMessage(app, notice, makeHomeLink(app));
  }
}

function findNotice({ code }: ApiError, { share }: PageWords) {
  if (code === "share_expired") return share.expired;
  return code === "share_not_found" ? share.unknown : null;
}
