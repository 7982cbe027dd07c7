import { describe, expect, it } from "vitest";
import { parseOptions } from "../../functions/core/request.ts";
import { requestOnce } from "../../functions/io/idempotency.ts";
import { openTestPortal } from "../support/portal.ts";
import { openTestStack } from "../support/stack.ts";

describe("an Idempotency-Key", () => {
  it("gives the same export after midnight too, when today's asOf is another", async () => {
    const { world } = await openTestStack(await openTestPortal({}));
    const today = world.calendar.dayOf(Date.now());
    const ask = async (given: object, day: number) =>
      await requestOnce(
        world,
        { start: async () => undefined },
        { key: "one", given, request: parseOptions(given, day) },
      );
    const { id } = await ask({ format: "csv" }, today - 1);
    expect((await ask({ format: "csv" }, today)).id).toBe(id);
    await expect(ask({ format: "xlsx" }, today)).rejects.toMatchObject({ code: "idempotency_key_reused" });
  });
});
