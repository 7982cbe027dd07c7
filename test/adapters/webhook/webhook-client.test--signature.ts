import fc from "fast-check";
import { expect, it } from "vitest";
import { signEvent } from "../../../functions/adapters/webhook/webhook-client--signature.ts";
import { makeWebhookSecret, verifyWebhook } from "../../support/hook.ts";

const secret = makeWebhookSecret();

const anyId = fc.stringMatching(/^[a-z0-9-]{1,60}$/);
const anyJson = fc.string({ unit: "binary" }).map((text) => JSON.stringify(text));

/** The event just now, as it is received. */
function receive({ id, body }: { id: string; body: string }, secrets: string[]) {
  const seconds = Math.floor(Date.now() / 1000);
  const signature = signEvent({ id, seconds, body }, secrets);
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": signature,
  };
  return { headers, body };
}

it("a signature is the one that Standard Webhooks wants, whatever is signed", () => {
  fc.assert(
    fc.property(anyId, anyJson, (id, body) => {
      const received = receive({ id, body }, [secret]);
      expect(verifyWebhook(secret, received)).toBe(JSON.parse(body));
      expect(() => verifyWebhook(makeWebhookSecret(), received)).toThrow("No matching signature");
    }),
  );
});

it("a signature is another when any byte of the id, the time or the body is", () => {
  const inAscii = fc.record({ id: anyId, seconds: fc.nat(), body: fc.string({ minLength: 1 }) });
  fc.assert(
    fc.property(inAscii, fc.nat(), fc.integer({ min: 1, max: 127 }), (signed, place, by) => {
      const changes = [
        { id: changeByte(signed.id, place, by) },
        { seconds: signed.seconds + by },
        { body: changeByte(signed.body, place, by) },
      ];
      for (const change of changes)
        expect(signEvent({ ...signed, ...change }, [secret])).not.toBe(signEvent(signed, [secret]));
    }),
  );
});

function changeByte(text: string, place: number, by: number): string {
  const bytes = Buffer.from(text, "latin1");
  const at = place % bytes.length;
  bytes.writeUInt8(bytes.readUInt8(at) ^ by, at);
  return bytes.toString("latin1");
}

it("two secrets give two signatures, and either is enough", () => {
  const both = [makeWebhookSecret(), makeWebhookSecret()];
  const received = receive({ id: "an-id", body: `"told"` }, both);
  expect(received.headers["webhook-signature"]).toMatch(/^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$/);
  for (const one of both) expect(verifyWebhook(one, received)).toBe("told");
});
