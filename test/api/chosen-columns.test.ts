import { describe, expect, it } from "vitest";
import * as z from "zod";
import { exportKey } from "../../functions/core/basics/bucket-keys.ts";
import { locales } from "../../functions/core/language/locales.ts";
import { machineOrder, peopleOrder } from "../../functions/core/options/column-order.ts";
import { makeReports } from "../../functions/app/schedule/scheduled-reports.ts";
import { finishExport, showExport, startExport } from "../support/export-requests.ts";
import { rawOffers } from "../support/offer-fixtures.ts";
import { makeShare, postShare } from "../support/share-requests.ts";
import { openVirtualPortal, openVirtualStack } from "../support/virtual-stack.ts";
import { readWorkbook } from "../support/workbook-reader.ts";

const columns = ["status", "amount", "offerNumber"];
const { headings } = locales.nl;

async function open() {
  const stack = await openVirtualStack(await openVirtualPortal({ offers: rawOffers(3) }));
  const download = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());

  return {
    ...stack,
    /** Runs an export and returns its state, with the bytes of its file. */
    async report(options: Record<string, unknown>) {
      const shown = await finishExport(stack, await startExport(stack, { customers: false, ...options }));
      return { ...shown, bytes: await download(shown.result?.file.url ?? "") };
    },
    download,
  };
}

const headerOf = (bytes: Buffer) => bytes.toString().replace("\ufeff", "").split("\r\n")[0];

describe("the option columns", () => {
  it("is a list in a query and an array in a body, and both give the same export", async () => {
    const stack = await open();
    const { id, options, bytes } = await stack.report({ format: "csv", columns });
    expect(options.columns).toEqual(columns);
    expect(headerOf(bytes)).toBe("Status;Bedrag;Offertenummer");
    const response = await stack.ask(`export?customers=false&format=csv&columns=${columns.join(",")}`);
    expect(z.object({ id: z.string() }).parse(await response.json()).id).toBe(id);
    const other = await stack.report({ format: "csv", columns: columns.toReversed() });
    expect(other.id).not.toBe(id);
    expect(headerOf(other.bytes)).toBe("Offertenummer;Bedrag;Status");
  });

  it("gives all columns when it is absent, in the order of the format", async () => {
    const stack = await open();
    const isShown = (name: string) => !name.startsWith("acceptedVia");
    const machine = await stack.report({ format: "csv", dialect: "machine" });
    expect(machine.options.columns).toBeNull();
    expect(headerOf(machine.bytes)).toBe(machineOrder.filter(isShown).join(","));
    const people = peopleOrder.filter(isShown).map((name) => headings[name]);
    expect(headerOf((await stack.report({ format: "csv" })).bytes)).toBe(people.join(";"));
    const book = await readWorkbook((await stack.report({})).bytes);
    expect(book.getWorksheet("Offertes")?.getRow(1).values).toEqual([undefined, ...people]);
  });

  it("does not change the hash of the rows, is in the file's name, and the workbook explains no other column", async () => {
    const stack = await open();
    const whole = await stack.report({});
    const chosen = await stack.report({ columns });
    expect(chosen.result?.["rowsSha256"]).toMatch(/^[0-9a-f]{64}$/);
    expect(chosen.result?.["rowsSha256"]).toBe(whole.result?.["rowsSha256"]);
    expect(chosen.result?.file["name"]).toBe(
      String(whole.result?.file["name"]).replace(".xlsx", "-3-kolommen.xlsx"),
    );
    const about = (await readWorkbook(chosen.bytes)).getWorksheet("Toelichting");
    const labels = about?.getColumn(1).values ?? [];
    const explained = labels.slice(labels.indexOf(locales.nl.about.labels.columns) + 1);
    expect(explained).toEqual(["Status", "Bedrag", "Offertenummer"]);
  });

  it("is kept by a permanent link", async () => {
    const stack = await open();
    const share = await makeShare(stack, { customers: false, format: "csv", columns });
    expect(share.options["columns"]).toEqual(columns);
    const response = await fetch(share.url, { redirect: "manual" });
    expect(response.status).toBe(302);
    expect(headerOf(await stack.download(response.headers.get("location") ?? ""))).toBe(
      "Status;Bedrag;Offertenummer",
    );
  });

  it("is kept by a report of a schedule", async () => {
    const stack = await open();
    const reports = [{ format: "csv", customers: false, columns }];
    const schedule = { name: "weekly", expression: "cron(0 7 ? * MON *)", reports } as const;
    const tick = { schedule: { ...schedule, reports }, at: Date.now() - 60_000 };
    const [attempt] = await makeReports(stack, tick, new Date());
    const { result } = await finishExport(stack, attempt?.state.id ?? "");
    expect(headerOf(await stack.download(result?.file.url ?? ""))).toBe("Status;Bedrag;Offertenummer");
  });

  const Problem = z.object({ errors: z.array(z.object({ parameter: z.string(), detail: z.string() })) });

  it("answers 400 to a name that it does not know, and lists the valid names", async () => {
    const stack = await open();
    const answers = [
      ["columns", await stack.ask("export?columns=amount,prijs")],
      ["options.columns", await postShare(stack, { name: "x", options: { columns: ["amount", "prijs"] } })],
    ] as const;
    for (const [parameter, response] of answers) {
      expect(response.status).toBe(400);
      const detail = `must not name "prijs": the columns are ${machineOrder.join(", ")}`;
      expect(Problem.parse(await response.json()).errors).toEqual([{ parameter, detail }]);
    }
  });

  it("is null in an export that was stored before it existed", async () => {
    const stack = await open();
    const { id } = await stack.report({});
    const Stored = z.looseObject({ options: z.record(z.string(), z.unknown()) });
    await stack.app.bucket.update(exportKey(id), Stored, (state) => {
      const { columns: _columns, ...options } = state?.options ?? {};
      return { after: state && { ...state, options }, answer: null };
    });
    expect((await stack.app.bucket.readJson(exportKey(id), Stored))?.options).not.toHaveProperty("columns");
    expect((await showExport(stack, id)).options.columns).toBeNull();
    expect(await startExport(stack, { customers: false })).toBe(id);
  });
});
