import { describe, expect, it } from "vitest";
import { noWebhooks } from "../../../functions/core/delivery/webhook-event.ts";
import { findSettingIn } from "../../../functions/adapters/settings/settings.ts";
import { readWebhooks } from "../../../functions/adapters/webhook/webhook-receivers.ts";
import { makeWebhookSecret } from "../../support/webhook-fixtures.ts";

const secret = makeWebhookSecret();
const WEBHOOKS = "https://hooks.example/a?key=1 https://hooks.example/b?key=2";

const read = (env: Record<string, string>) => readWebhooks(findSettingIn(env));

function refusalOf(env: Record<string, string>): string {
  try {
    read(env);
  } catch (error) {
    return String(error);
  }
  return "";
}

describe("the webhooks", () => {
  it("are empty without the setting WEBHOOKS, whatever the secret", () => {
    expect(read({})).toEqual(noWebhooks);
    expect(read({ WEBHOOKS: " ", WEBHOOK_SECRET: "none" })).toEqual(noWebhooks);
  });

  it("have a stable id that reveals nothing of the address", () => {
    const { hooks, secrets } = read({ WEBHOOKS, WEBHOOK_SECRET: secret });
    expect(secrets).toEqual([secret]);
    expect(hooks).toEqual([
      { id: expect.stringMatching(/^[0-9a-f]{12}$/), url: "https://hooks.example/a?key=1" },
      { id: expect.stringMatching(/^[0-9a-f]{12}$/), url: "https://hooks.example/b?key=2" },
    ]);
    const [, second] = hooks;
    const alone = { WEBHOOKS: "https://HOOKS.example/b?key=2", WEBHOOK_SECRET: secret };
    expect(read(alone).hooks).toEqual([second]);
  });

  it("are signed with two secrets while one replaces the other", () => {
    const both = [secret, makeWebhookSecret()];
    expect(read({ WEBHOOKS, WEBHOOK_SECRET: both.join(", ") }).secrets).toEqual(both);
  });

  it("are refused without a secret", () => {
    expect(refusalOf({ WEBHOOKS })).toBe(
      "ConfigError: the setting WEBHOOK_SECRET (the secret WebhookSecret) is missing: WEBHOOKS are signed with it",
    );
  });

  it.each(["short", `${secret},`, `${secret},short`, [1, 2, 3].map(makeWebhookSecret).join()])(
    "are refused with a malformed secret, in one clause that does not quote it: %#",
    (given) => {
      const refusal = refusalOf({ WEBHOOKS, WEBHOOK_SECRET: given });
      expect(refusal).toMatch(
        /^ConfigError: the setting WEBHOOK_SECRET \(the secret WebhookSecret\) is malformed: [^;]*$/,
      );
      expect(refusal).not.toContain(given);
    },
  );

  it("are refused by number, with all faults at once", () => {
    const refusal = refusalOf({ WEBHOOKS: `${WEBHOOKS} http://c.example, https://10.0.0.1/x` });
    expect(refusal).toContain("the setting WEBHOOKS is malformed: address 3 is no https address; ");
    expect(refusal).toContain("the setting WEBHOOKS is malformed: address 4 is within a network; ");
    expect(refusal).toContain("the setting WEBHOOK_SECRET ");
    expect(refusal).not.toMatch(/example|10\.0|\n/);
  });

  it("may be on this machine if that is allowed explicitly", () => {
    const env = { WEBHOOKS: "http://127.0.0.1:4000/hook", WEBHOOK_SECRET: secret };
    expect(refusalOf(env)).toContain("address 1 is no https address");
    expect(readWebhooks(findSettingIn(env), { allowLoopback: true })).toMatchObject({
      hooks: [{ url: env.WEBHOOKS }],
      allowLoopback: true,
    });
  });
});
