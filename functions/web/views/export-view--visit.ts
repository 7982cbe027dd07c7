import type { App } from "../components/view-elements--app.ts";
import { awaitFile } from "../components/pending-download--awaited.ts";
import type { Words } from "../words/page-dutch.ts";
import { make } from "../components/view-elements.ts";
import { makeHomeLink } from "../components/feedback--link.ts";
import { showNotice } from "../components/feedback--notice.ts";
import { showOutcome } from "./outcome-view.ts";
import { Refusal } from "../client/api-client--refusal.ts";
import { watchExport } from "./export-view.ts";

/** What a permanent link leads to, for whoever has it: progress, then the file. */
export async function openShare(app: App, token: string): Promise<void> {
  const { words } = app.speech;
  const { visited } = app.memory;
  try {
    const look = () => app.client.readShare(token);
    const seen = await watchExport(app, { title: words.share.title, isOwn: false, look });
    if (!visited.has(token)) awaitFile(seen.id);
    visited.add(token);
    showOutcome(app, seen, [make("a", { class: "primary", href: `/s/${token}` }, words.result.download)]);
  } catch (error) {
    const notice = error instanceof Refusal ? findNotice(error, words) : null;
    if (notice === null) throw error;
    showNotice(app, notice, makeHomeLink(app));
  }
}

function findNotice({ code }: Refusal, { share }: Words) {
  if (code === "share_expired") return share.expired;
  return code === "share_not_found" ? share.unknown : null;
}
