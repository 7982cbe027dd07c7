import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Invariant } from "./invariants.ts";
import { listViolations } from "./invariants.ts";
import type { ObjectVersion, Observations, ObservedAnswer } from "./observations.ts";
import { runHistory } from "../world/run-history.ts";

vi.setConfig({ testTimeout: 60_000 });

/** A history without faults, which violates nothing. */
let sound: Observations;

beforeAll(async () => {
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "true");
  const { observed } = await runHistory({ seed: "sound-13", offers: 60, hasFaults: false });
  sound = observed;
});

function listBroken(doctored: Partial<Observations>): Invariant[] {
  return [...new Set(listViolations({ ...sound, ...doctored }).map(({ invariant }) => invariant))];
}

/** Replaces the versions of the first object with the prefix. */
function doctorObject(prefix: string, change: (versions: readonly ObjectVersion[]) => ObjectVersion[]) {
  const key = [...sound.objects].find(
    ([name, versions]) => name.startsWith(prefix) && versions[0]?.body != null,
  )?.[0];
  if (key === undefined) throw new Error(`The history has no object ${prefix}`);
  const objects = new Map(sound.objects);
  objects.set(key, change(sound.objects.get(key) ?? []));
  return { objects };
}

const cut = ({ body, ...version }: ObjectVersion): ObjectVersion => ({
  ...version,
  body: body === null ? null : body.slice(0, -20),
});

/** Replaces a text in all objects with the prefix. */
function doctorTexts(prefix: string, from: RegExp, to: string, given: Pick<Observations, "objects"> = sound) {
  const replace = ({ body, ...version }: ObjectVersion): ObjectVersion => ({
    ...version,
    body: body === null ? null : Buffer.from(Buffer.from(body).toString().replaceAll(from, to)),
  });
  const objects = new Map(given.objects);
  for (const [key, versions] of given.objects)
    if (key.startsWith(prefix)) objects.set(key, versions.map(replace));
  return { objects };
}

function doctorAnswer(
  isIt: (answer: ObservedAnswer) => boolean,
  change: Partial<NonNullable<ObservedAnswer["answer"]>>,
) {
  const index = sound.answers.findIndex(isIt);
  const found = sound.answers[index];
  if (found?.answer == null) throw new Error("The history has no such answer.");
  return { answers: sound.answers.with(index, { ...found, answer: { ...found.answer, ...change } }) };
}

const isShown = ({ method, path, answer }: ObservedAnswer) =>
  method === "GET" && /^\/exports\/[^/]+$/.test(path) && (answer?.body.includes('"succeeded"') ?? false);

describe("the invariants of histories", () => {
  it("hold in a history without faults that has reports, mails and webhooks", () => {
    expect(listBroken({})).toEqual([]);
    expect(sound.mails.length).toBeGreaterThan(0);
    expect(sound.webhooks.length).toBeGreaterThan(0);
    expect(sound.readings.length).toBeGreaterThan(0);
  });

  it("see a report that lacks an offer, and one that has an offer too many", () => {
    const [[id, offer] = []] = sound.offers;
    if (id === undefined || offer === undefined) throw new Error("The portal has no offers.");
    const more = new Map(sound.offers).set("off_other", { ...offer, id: "off_other" });
    expect(listBroken({ offers: more })).toEqual(["no complete report lacks or invents an offer"]);
    const fewer = new Map([...sound.offers].filter(([other]) => other !== id));
    expect(listBroken({ offers: fewer })).toEqual(["no complete report lacks or invents an offer"]);
    const changed = new Map(sound.offers).set(id, {
      ...offer,
      current: { fields: { ...offer.current.fields, amount: "1.11" } },
    });
    expect(listBroken({ offers: changed })).toEqual(["no complete report lacks or invents an offer"]);
  });

  it("see an export that reads offers without the lease", () => {
    const [reading] = sound.readings;
    if (reading === undefined) throw new Error("Nothing was read.");
    const doctored = { readings: [...sound.readings, { ...reading, holderId: "another" }] };
    expect(listBroken(doctored)).toEqual(["at most one crawl per key"]);
    expect(listBroken({ readings: [{ ...reading, holderId: "another", isLate: true }] })).toEqual([]);
  });

  it("see a request that the portal's limit had no room for", () => {
    expect(listBroken({ excesses: ["export-1 sent a request"] })).toEqual(["no request beyond the limit"]);
  });

  it("see an execution and an export that never end", () => {
    expect(listBroken({ executions: [{ name: "one", status: "RUNNING" }] })).toEqual(["every export ends"]);
    const isLast = (asked: ObservedAnswer) => asked.who === "auditor" && isShown(asked);
    const broken = listBroken(doctorAnswer(isLast, { statusCode: 200, body: '{"status":"running"}' }));
    expect(broken).toContain("every export ends");
  });

  it("see a scheduled report that is missing without an alarm, and one that exists twice", () => {
    const [report] = sound.reports;
    if (report === undefined) throw new Error("Nothing is scheduled.");
    const missing = { ...report, options: { ...report.options, format: "xlsx" } };
    expect(listBroken({ reports: [missing] })).toEqual(["each scheduled report exists exactly once"]);
    const [key, versions = []] =
      [...sound.objects].find(
        ([name, [first]]) =>
          name.startsWith("exports/") &&
          first?.body != null &&
          Buffer.from(first.body).includes('"schedule":"monthly"'),
      ) ?? [];
    if (key === undefined) throw new Error("The tick has no export.");
    const objects = new Map(sound.objects).set(`${key.slice(0, -6)}x.json`, versions);
    expect(listBroken({ objects })).toContain("each scheduled report exists exactly once");
  });

  it("see a mail that SES has accepted twice, and one that SES has never had", () => {
    expect(listBroken({ mails: [...sound.mails, ...sound.mails] })).toEqual([
      "a mail is sent at most once, or is unknown",
    ]);
    expect(listBroken({ mails: [] })).toEqual(["a mail is sent at most once, or is unknown"]);
    const unknown = doctorTexts(
      "deliveries/",
      /"kind":"mail",("to":"[^"]+"),"status":"sent"/g,
      '"kind":"mail",$1,"status":"unknown"',
    );
    expect(listBroken(unknown)).toEqual(["a mail is sent at most once, or is unknown"]);
  });

  it("see a schedule's mail that is sent without a reason, and one that is left out despite a reason", () => {
    const scheduled = doctorTexts(
      "exports/",
      /"recipients":(\["[^\]]+\]),"conditionalMail":null/g,
      '"recipients":[],"conditionalMail":{"mailWhen":"expiring","recipients":$1}',
    );
    const unimportant = doctorTexts(
      "exports/",
      /"expiringSoon":\{"offers":\d+/g,
      '"expiringSoon":{"offers":0',
      scheduled,
    );
    const later = doctorTexts("exports/", /"notCompared":"first"/g, '"notCompared":null', unimportant);
    const undelivered = doctorTexts("deliveries/", /"to":"[^"]+@/g, '"to":"other@', unimportant);
    const isSeen = [unimportant, later, undelivered].map((doctored) =>
      listBroken(doctored).includes("a mail is sent at most once, or is unknown"),
    );
    expect(isSeen).toEqual([false, true, true]);
  });

  it("see a webhook that was never received, and one that is given up too early", () => {
    expect(listBroken({ webhooks: [] })).toEqual(["a webhook is delivered or given up as documented"]);
    const failed = doctorTexts(
      "deliveries/",
      /"kind":"webhook",("to":"[^"]+"),"status":"sent"/g,
      '"kind":"webhook",$1,"status":"failed"',
    );
    expect(listBroken(failed)).toEqual(["a webhook is delivered or given up as documented"]);
  });

  it("see a file that is not whole, and a link to it", () => {
    const broken = listBroken(doctorObject("files/", (versions) => versions.map(cut)));
    expect(broken).toContain("a published file is whole");
    expect(broken).toContain("no link leads to a partial or foreign file");
  });

  it("see a link to a file of another export", () => {
    const shown = sound.answers.find(isShown);
    const body = (shown?.answer?.body ?? "").replaceAll(
      /(reports\/files\/)[0-9a-z-]{35}/g,
      `$1${"a".repeat(9)}-${"b".repeat(12)}-${"c".repeat(12)}`,
    );
    expect(listBroken(doctorAnswer(isShown, { body }))).toContain(
      "no link leads to a partial or foreign file",
    );
  });

  it("see what is left of an export after its deletion", () => {
    const shown = sound.answers.find(isShown);
    if (shown?.answer == null) throw new Error("Nothing was shown.");
    const deletion: ObservedAnswer = {
      ...shown,
      method: "DELETE",
      answer: { ...shown.answer, statusCode: 204, body: "" },
    };
    expect(listBroken({ answers: [...sound.answers, deletion] })).toEqual(["nothing deleted returns"]);
  });

  it("see an object that no rule of the lifecycle removes", () => {
    expect(listBroken({ leftovers: ["strange/object"] })).toEqual([
      "nothing is left after the lifecycle's time",
    ]);
  });

  it("see an answer that says something else than the storage", () => {
    const body = sound.answers.find(isShown)?.answer?.body ?? "";
    const changed = { body: body.replace(/"rows":\d+/, '"rows":7') };
    expect(listBroken(doctorAnswer(isShown, changed))).toEqual(["what GET says agrees with what is stored"]);
    const missing = { statusCode: 404, body: '{"code":"export_not_found"}' };
    expect(listBroken(doctorAnswer(isShown, missing))).toContain("what GET says agrees with what is stored");
  });

  it("see an error that nobody has caused", () => {
    const bug = { statusCode: 500, body: '{"code":"internal_error"}' };
    expect(listBroken(doctorAnswer(isShown, bug))).toContain("no error is unexpected");
    expect(listBroken({ errors: ["TypeError"] })).toEqual(["no error is unexpected"]);
  });
});
