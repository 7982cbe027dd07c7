import { describe, expect, it } from "vitest";
import { createBounceHandler } from "../../../functions/app/delivery/mail-bounces.ts";
import { Deliveries, type Delivery, newDelivery } from "../../../functions/core/delivery/delivery-state.ts";
import { deliveriesKey } from "../../../functions/core/basics/bucket-keys.ts";
import { openBucket } from "../../../functions/adapters/bucket/bucket.ts";
import { captureOutput } from "../../support/captured-output.ts";
import { readMetrics } from "../../support/log-lines.ts";
import { openVirtualBucket } from "../../support/virtual-stack.ts";

const exportId = "zd37ovrvu-cbeb91a97cff-8a6fe4372267";
const deliveryId = "0123456789ab";
const tags = { exportId: [exportId], deliveryId: [deliveryId], "ses:source-ip": ["192.0.2.1"] };

const bounce = (bounceType: string) => ({ eventType: "Bounce", mail: { tags }, bounce: { bounceType } });
const wrap = (message: unknown) => ({
  Records: [{ Sns: { Message: typeof message === "string" ? message : JSON.stringify(message) } }],
});

/**
 * Opens the handler of bounces, and a bucket with the delivery of one mail. The delivery's status is "sent" unless
 * `change` sets another status.
 */
async function openBounces(change: Partial<Delivery> = {}) {
  const output = captureOutput();
  const bucket = openBucket(await openVirtualBucket());
  const mail = newDelivery({ id: deliveryId, kind: "mail", to: "anna@example.com" });
  const attempt = { id: "one", errand: "", at: new Date().toISOString() };
  const sent: Delivery = { ...mail, status: "sent", tries: 1, attempt, ...change };
  await bucket.writeJson(deliveriesKey(exportId), [sent]);
  const note = createBounceHandler({ bucket });
  const notify = (event: unknown) => note(event, { awsRequestId: "request-1" });
  const read = async () => (await bucket.readJson(deliveriesKey(exportId), Deliveries))?.[0];
  return { bucket, notify, read, sent, output };
}

describe("a mail", () => {
  it.each([
    [bounce("Permanent"), /^The mail came back/],
    [{ eventType: "Complaint", mail: { tags } }, /marked the mail as unwanted/],
    [{ eventType: "Reject", mail: { tags } }, /^SES has not passed the mail on/],
  ])("has failed after %j, which is counted once and logged without the address", async (message, reason) => {
    const { notify, read, output } = await openBounces();
    await notify(wrap(message));
    await notify(wrap(message));
    expect(await read()).toMatchObject({ status: "failed", reason: expect.stringMatching(reason) });
    expect(readMetrics(output())).toEqual([{ DeliveriesFailed: 1 }]);
    expect(output()).not.toContain("anna@");
  });

  it("that bounces before its send is recorded has failed too", async () => {
    const { notify, read } = await openBounces({ status: "sending" });
    await notify(wrap(bounce("Permanent")));
    expect(await read()).toMatchObject({ status: "failed" });
  });

  it.each([
    bounce("Transient"),
    { eventType: "Delivery", mail: { tags } },
    { eventType: "Complaint", mail: { tags: { ...tags, exportId: ["../exports/x"] } } },
    { eventType: "Complaint", mail: { tags: { ...tags, deliveryId: ["ffffffffffff"] } } },
    "Successfully validated SNS topic for Amazon SES event publishing.",
  ])("stays unchanged after %j", async (message) => {
    const { notify, read, sent } = await openBounces();
    await notify(wrap(message));
    expect(await read()).toEqual(sent);
  });

  it("of a deleted export is not restored", async () => {
    const { notify, bucket } = await openBounces();
    await bucket.remove(deliveriesKey(exportId));
    await notify(wrap(bounce("Permanent")));
    expect(await bucket.listKeys("")).toEqual([]);
  });
});
