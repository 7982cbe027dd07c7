import type { App } from "./app.ts";
import { awaitFile } from "./awaited.ts";
import type { Words } from "./dutch.ts";
import { make } from "./element.ts";
import { makeHomeLink } from "./link.ts";
import { showNotice } from "./notice.ts";
import { showOutcome } from "./outcome.ts";
import { Refusal } from "./refusal.ts";
import { watchExport } from "./watch.ts";

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
