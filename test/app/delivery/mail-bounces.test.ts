import { describe, expect, it } from "vitest";
import { createBounceHandler } from "../../../functions/app/delivery/mail-bounces.ts";
import { Deliveries, type Delivery, newDelivery } from "../../../functions/core/delivery/delivery-state.ts";
import { deliveriesKey } from "../../../functions/core/basics/bucket-keys.ts";
import { openBucket } from "../../../functions/adapters/bucket/bucket.ts";
import { captureOutput } from "../../support/observe.ts";
import { readFigures } from "../../support/lines.ts";
import { openTestBucket } from "../../support/stack.ts";

const exportId = "zd37ovrvu-cbeb91a97cff-8a6fe4372267";
const deliveryId = "0123456789ab";
const tags = { exportId: [exportId], deliveryId: [deliveryId], "ses:source-ip": ["192.0.2.1"] };

const bounce = (bounceType: string) => ({ eventType: "Bounce", mail: { tags }, bounce: { bounceType } });
const wrap = (message: unknown) => ({
  Records: [{ Sns: { Message: typeof message === "string" ? message : JSON.stringify(message) } }],
});

/** A mail in that state, and what tells of bounces. */
async function openBounces(change: Partial<Delivery> = {}) {
  const output = captureOutput();
  const bucket = openBucket(await openTestBucket());
  const mail = newDelivery({ id: deliveryId, kind: "mail", to: "anna@example.com" });
  const attempt = { id: "one", errand: "", at: new Date().toISOString() };
  const sent: Delivery = { ...mail, status: "sent", tries: 1, attempt, ...change };
  await bucket.writeJson(deliveriesKey(exportId), [sent]);
  const note = createBounceHandler({ bucket });
  const tell = (event: unknown) => note(event, { awsRequestId: "request-1" });
  const read = async () => (await bucket.readJson(deliveriesKey(exportId), Deliveries))?.[0];
  return { bucket, tell, read, sent, output };
}

describe("a mail", () => {
  it.each([
    [bounce("Permanent"), /^The mail came back/],
    [{ eventType: "Complaint", mail: { tags } }, /marked the mail as unwanted/],
    [{ eventType: "Reject", mail: { tags } }, /^SES has not passed the mail on/],
  ])("has failed after %j, told once and without its address", async (message, reason) => {
    const { tell, read, output } = await openBounces();
    await tell(wrap(message));
    await tell(wrap(message));
    expect(await read()).toMatchObject({ status: "failed", reason: expect.stringMatching(reason) });
    expect(readFigures(output())).toEqual([{ DeliveriesFailed: 1 }]);
    expect(output()).not.toContain("anna@");
  });

  it("that bounces before it is noted that it was sent has failed too", async () => {
    const { tell, read } = await openBounces({ status: "sending" });
    await tell(wrap(bounce("Permanent")));
    expect(await read()).toMatchObject({ status: "failed" });
  });

  it.each([
    bounce("Transient"),
    { eventType: "Delivery", mail: { tags } },
    { eventType: "Complaint", mail: { tags: { ...tags, exportId: ["../exports/x"] } } },
    { eventType: "Complaint", mail: { tags: { ...tags, deliveryId: ["ffffffffffff"] } } },
    "Successfully validated SNS topic for Amazon SES event publishing.",
  ])("stays as it is after %j", async (message) => {
    const { tell, read, sent } = await openBounces();
    await tell(wrap(message));
    expect(await read()).toEqual(sent);
  });

  it("of an export that was deleted is not brought back", async () => {
    const { tell, bucket } = await openBounces();
    await bucket.remove(deliveriesKey(exportId));
    await tell(wrap(bounce("Permanent")));
    expect(await bucket.listKeys("")).toEqual([]);
  });
});
