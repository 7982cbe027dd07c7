import { describe, expect, it, vi } from "vitest";
import { keepAlive } from "../../functions/core/export.ts";
import { formatId, parseId } from "../../functions/core/id.ts";
import { exportKey } from "../../functions/core/key.ts";
import { parseQuery } from "../../functions/core/request.ts";
import { createExport, findExport } from "../../functions/io/exports.ts";
import { openWorld, type World } from "../../functions/io/world.ts";
import { openTestPortal } from "../support/portal.ts";
import { openTestStack } from "../support/stack.ts";

const minute = 60_000;
const json = { contentType: "application/json" };

async function openTestWorld(): Promise<World> {
  return (await openTestStack(await openTestPortal({}))).world;
}

function ask({ calendar }: World, query = "") {
  return parseQuery(new URLSearchParams(query), calendar.dayOf(Date.now()));
}

/** The id of an export of the same options that began so long ago. */
function agedId(id: string, ageMs: number): string {
  const optionsKey = parseId(id)?.optionsKey ?? "";
  return formatId({ startedMs: Date.now() - ageMs, optionsKey }, "0123456789ab");
}

describe("findExport", () => {
  it("finds a running export of the same options", async () => {
    const world = await openTestWorld();
    const state = await createExport(world, ask(world).options);
    expect(await findExport(world, ask(world))).toEqual(state);
    expect(await findExport(world, ask(world, "format=csv"))).toBe(null);
  });

  it.each([{ url: "http://127.0.0.1:9/v1" }, { key: "another-portal-key" }])(
    "finds none of another portal: %j",
    async (other) => {
      const world = await openTestWorld();
      const { config } = world;
      const another = openWorld({ ...config, portal: { ...config.portal, ...other } });
      await createExport(another, ask(world).options);
      expect(await findExport(world, ask(world))).toBe(null);
    },
  );

  it("finds none that has died, however young", async () => {
    const world = await openTestWorld();
    const state = await createExport(world, ask(world).options);
    await world.bucket.writeJson(exportKey(state.id), keepAlive(state, Date.now() - 5 * minute));
    expect(await findExport(world, ask(world))).toBe(null);
  });

  it("passes over what it cannot read, and logs its id without what it says", async () => {
    const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const world = await openTestWorld();
    const state = await createExport(world, ask(world).options);
    const ids = ["0", "1"].map((digit) =>
      formatId(
        { startedMs: Date.now() + 1000, optionsKey: parseId(state.id)?.optionsKey ?? "" },
        digit.repeat(12),
      ),
    );
    await world.bucket.writeBytes(exportKey(ids[0] ?? ""), "a customer's name", json);
    await world.bucket.writeJson(exportKey(ids[1] ?? ""), { ...state, status: "a customer's name" });
    expect(await findExport(world, ask(world))).toEqual(state);
    const lines = stderr.mock.calls.map(([line]) => String(line));
    stderr.mockRestore();
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      ids.map((exportId) => expect.objectContaining({ level: "ERROR", exportId })),
    );
    expect(lines.join("")).not.toContain("customer");
  });

  it("reads none that began too long ago to run or to be young enough", async () => {
    const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const world = await openTestWorld();
    const { id } = await createExport(world, ask(world).options);
    await world.bucket.remove(exportKey(id));
    await world.bucket.writeBytes(exportKey(agedId(id, 30 * minute)), "unreadable", json);
    expect(await findExport(world, ask(world, "maxAge=600"))).toBe(null);
    expect(stderr).not.toHaveBeenCalled();
    expect(await findExport(world, ask(world, "maxAge=1800"))).toBe(null);
    expect(stderr).toHaveBeenCalledOnce();
    stderr.mockRestore();
  });
});
