import { describe, expect, it } from "vitest";
import { hashRecipients } from "../../../functions/adapters/bucket/key-hashes.ts";
import { presentDeliveries } from "../../../functions/app/delivery/delivery-store.ts";
import { readExport } from "../../../functions/app/export/export-store.ts";
import { mailExportTo } from "../../../functions/app/export/start-export.ts";
import { makeReports } from "../../../functions/app/schedule/scheduled-reports.ts";
import { deliveriesKey } from "../../../functions/core/basics/bucket-keys.ts";
import { describeJob } from "../../../functions/core/delivery/delivery-state.ts";
import type { MailWhen } from "../../../functions/core/export/export-state.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";
import { openVirtualMail } from "../../support/virtual-mail.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

const boss = "boss@example.com";
const settings = { MAIL_SENDER: "reports@example.com", PUBLIC_URL: "https://reports.example" };
const itemOf = (id: string, changes: Record<string, unknown> = {}) => ({
  ...rawOffer({ id, offerNumber: id, issuedAt: "2025-01-06", expiresAt: "2099-12-31", ...changes }),
  id,
});

/** Opens an office with a schedule that mails its reports to the boss. `tick` makes the reports of a tick. */
async function openOffice(mailWhen: MailWhen, reports: Record<string, unknown>[] = [{}]) {
  const post = openVirtualMail();
  const portal = await openVirtualPortal({ offers: [itemOf("off_a"), itemOf("off_b")] });
  const stack = await openVirtualStack(portal, settings, undefined, post);
  const { app, workflow } = stack;
  const schedule = {
    name: "weekly",
    expression: "cron(0 7 ? * MON *)" as const,
    reports: reports.map((options) => ({ customers: false, format: "csv", ...options })),
    recipients: [boss],
    mailWhen,
  };
  const show = async (id: string) => {
    const state = await readExport(app, id);
    if (state === null) throw new Error("no export");
    return { state, deliveries: await presentDeliveries(app, state) };
  };
  const tick = async () => {
    const attempts = await makeReports({ app, workflow }, { schedule, at: Date.now() }, new Date());
    const ids = attempts.map(({ state }) => state.id);
    await Promise.all(ids.map((id) => stack.runner.finish(id)));
    return await Promise.all(ids.map(show));
  };
  const countMails = async () => (await post.read()).length;
  return { ...stack, portal, show, tick, countMails };
}

const statusesOf = (shown: { deliveries: { status: string }[] }[]) =>
  shown.map(({ deliveries }) => deliveries.map(({ status }) => status).join());

describe("a schedule that mails only changes", () => {
  it("mails its first report and those with changes, and shows why the others are skipped", async () => {
    const { tick, countMails, portal, app } = await openOffice("changed");
    expect(statusesOf(await tick())).toEqual(["sent"]);
    const [second] = await tick();
    expect(second?.state.status).toBe("succeeded");
    expect(second?.deliveries).toEqual([
      {
        kind: "mail",
        to: boss,
        status: "skipped",
        sentAt: null,
        reason: expect.stringContaining("nothing has changed since the report before"),
      },
    ]);
    expect(await countMails()).toBe(1);
    // A mail that is not sent leaves no permanent link and no stored delivery.
    expect(await app.bucket.listKeys("shares/")).toHaveLength(1);
    expect(await app.bucket.exists(deliveriesKey(second?.state.id ?? ""))).toBe(false);
    portal.offers.replace(itemOf("off_a", { amount: "90.00" }));
    expect(statusesOf(await tick())).toEqual(["sent"]);
    expect(await countMails()).toBe(2);
  });

  it("decides for each of its reports", async () => {
    const { tick, portal, countMails } = await openOffice("changed", [
      {},
      { status: ["open"], format: "xlsx" },
    ]);
    expect(statusesOf(await tick())).toEqual(["sent", "sent"]);
    portal.offers.replace(itemOf("off_b", { acceptedAt: "2025-01-20T10:00:00+01:00" }));
    await tick();
    portal.offers.replace(itemOf("off_b", { acceptedAt: "2025-01-20T10:00:00+01:00", amount: "7.00" }));
    expect(statusesOf(await tick())).toEqual(["sent", "skipped"]);
    expect(await countMails()).toBe(5);
  });

  it("mails a skipped report to whom a later request names, and to nobody else", async () => {
    const { tick, show, runner, app, workflow, countMails } = await openOffice("changed");
    await tick();
    const [skipped] = await tick();
    const id = skipped?.state.id ?? "";
    const mailTo = async (recipients: string[]) => {
      await mailExportTo({ app, workflow }, id, recipients);
      await runner.finish(describeJob({ id, errand: hashRecipients(recipients) }).name);
    };
    await mailTo(["anna@example.com"]);
    const { deliveries } = await show(id);
    expect(deliveries.map(({ to, status }) => [to, status])).toEqual([
      ["anna@example.com", "sent"],
      [boss, "skipped"],
    ]);
    await mailTo([boss]);
    expect(statusesOf([await show(id)])).toEqual(["sent,sent"]);
    expect(await countMails()).toBe(3);
  });
});

describe("a schedule that mails only what expires soon", () => {
  it("mails a report when an open offer has at most 7 days to go", async () => {
    const { tick, portal } = await openOffice("expiring");
    expect(statusesOf(await tick())).toEqual(["sent"]);
    portal.offers.replace(itemOf("off_a", { amount: "90.00" }));
    const [skipped] = await tick();
    expect(skipped?.deliveries[0]).toMatchObject({
      status: "skipped",
      reason: expect.stringContaining("no open offer expires within 7 days"),
    });
    // Reports are as of the day before the tick.
    const expiresAt = new Date(Date.now() + 6 * 86_400_000).toISOString().slice(0, 10);
    portal.offers.replace(itemOf("off_b", { expiresAt }));
    expect(statusesOf(await tick())).toEqual(["sent"]);
  });
});
