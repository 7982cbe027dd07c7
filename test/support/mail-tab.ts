import type { Page } from "playwright-core";
import { type ExportState } from "../../functions/core/export/export-state.ts";
import { type Mail, composeMail } from "../../functions/core/mail/compose-mail.ts";
import { readExport } from "../../functions/app/export/export-store.ts";
import { makeDemo } from "../../local/portal/demo-data.ts";
import { openTab } from "./browser.ts";
import { startExport } from "./export-requests.ts";
import { mailLink } from "./mail-fixtures.ts";
import { openTestPortal } from "./test-portal.ts";
import { openTestStack } from "./test-stack.ts";

/** Composes the mail about the demo portal's offers at the end of November, with the changes since October. */
export async function composeDemoMail(): Promise<Mail> {
  const demo = makeDemo({ offers: 900, today: "2025-12-01" });
  const stack = await openTestStack(await openTestPortal(demo));

  async function report(asOf: string): Promise<ExportState> {
    const id = await startExport(stack, { asOf });
    await stack.runner.finish(id);
    const state = await readExport(stack.app, id);
    if (state?.result == null) throw new Error("no report");
    const { changes } = state.result;
    const since = changes && { ...changes.since, snapshotAt: "2025-11-01T05:00:41Z" };
    return {
      ...state,
      // Sets fixed times for the snapshots, so that the picture of the mail stays the same.
      result: {
        ...state.result,
        snapshotAt: "2025-12-01T05:00:38Z",
        changes: changes && since && { ...changes, since },
      },
    };
  }

  await report("2025-10-31");
  const state = await report("2025-11-30");
  return composeMail({ state, link: { ...mailLink, expiresAt: "2026-03-01T05:00:40Z" } }, stack.app.calendar);
}

/** Opens the mail's HTML in a tab. */
export async function openMailTab({ html }: Mail, visit: Parameters<typeof openTab>[1]): Promise<Page> {
  const page = await openTab({ url: "about:blank" }, visit);
  await page.setContent(html);
  return page;
}
