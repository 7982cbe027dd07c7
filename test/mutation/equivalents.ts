/**
 * Mutants that no test can notice, because the changed code does the same. `code` is a part of the line, `becomes`
 * lists the replacements.
 */
export type EquivalentMutant = { file: string; code: string; becomes: string[]; reason: string };

const filler = ['"Stryker was here!"', '["Stryker was here"]'];
const typed = "The other branch exists for the compiler alone: the value is always there.";
const noText = "A missing text matches no pattern, nor does the filler, nor does the text `null`.";
const notNumber = "Comparisons with what `null` becomes in arithmetic are false, too.";

const delivery = "functions/core/delivery/";
const rateLimit = "functions/core/rate-limit/";
const snapshot = "functions/core/snapshot/";
const crawl = "functions/core/crawl/";

export const equivalentMutants: EquivalentMutant[] = [
  {
    file: `${delivery}delivery-state.ts`,
    code: "if (retryAt === null || attempt === null) return false;",
    becomes: ["retryAt === null && attempt === null", "false"],
    reason: "A delivery has a pause only after an attempt, and no time is before an unreadable one.",
  },
  {
    file: `${delivery}delivery-state.ts`,
    code: 'if (status !== "sending" || attempt === null) return false;',
    becomes: ["false"],
    reason: typed,
  },
  {
    file: `${delivery}delivery-state.ts`,
    code: 'if (kind !== "mail" || status !== "sending" || attempt === null) return delivery;',
    becomes: ["false"],
    reason: typed,
  },
  {
    file: `${delivery}delivery-state.ts`,
    code: "if (retryAfterMs !== null && retryAfterMs > maxRetryAfterMs)",
    becomes: ["true"],
    reason: notNumber,
  },
  {
    file: `${delivery}public-address.ts`,
    code: "const isAllowed = allowLoopback && address !== null",
    becomes: ["true"],
    reason: "`isLoopbackAddress` is false for what is no address.",
  },
  {
    file: `${delivery}public-address.ts`,
    code: 'const [, base64 = ""] =',
    becomes: filler,
    reason: "The filler has the length of 13 bytes, which is no secret either.",
  },
  { file: `${delivery}public-address.ts`, code: ".exec(text) ?? [];", becomes: filler, reason: noText },
  {
    file: `${snapshot}crawl-registry.ts`,
    code: "if (wantedUntil !== null && nextPoll.getTime() + graceMs < Date.parse(wantedUntil))",
    becomes: ["true"],
    reason: notNumber,
  },
  {
    file: `${rateLimit}rate-limit.ts`,
    code: "const isLonger = closedUntilMs > limit.closedUntilMs",
    becomes: ["closedUntilMs >= limit.closedUntilMs"],
    reason: "An equal pause gives an equal limit.",
  },
  {
    file: `${rateLimit}rate-limit.ts`,
    code: "return refused.length === 0 ? answered :",
    becomes: ["false"],
    reason: "The answers are in order already; sorting them again only takes time.",
  },
  {
    file: `${rateLimit}rate-limit.ts`,
    code: "const isSilent = answer.remaining === null && after.told === null;",
    becomes: ["true"],
    reason: "After an answer that states the remaining requests, `told` is never null.",
  },
  {
    file: `${rateLimit}rate-limit.ts`,
    code: "const granted = learnt !== null &&",
    becomes: ["true"],
    reason: "Without a learnt limit the number is not used.",
  },
  {
    file: `${rateLimit}rate-limit.ts`,
    code: "if (perWindow === null || perWindow < (remaining ?? 0)) return false;",
    becomes: ["false"],
    reason: notNumber,
  },
  { file: `${rateLimit}retry-after.ts`, code: "return text !== null &&", becomes: ["true"], reason: noText },
  { file: `${rateLimit}retry-after.ts`, code: "if (text === null ||", becomes: ["false"], reason: noText },
  { file: `${rateLimit}retry-after.ts`, code: 'form.exec(text ?? "")', becomes: filler, reason: noText },
  {
    file: `${rateLimit}retry-after.ts`,
    code: 'const { year = "", month = "",',
    becomes: filler,
    reason: typed,
  },
  {
    file: `${crawl}consistency-check.ts`,
    code: "lastId === undefined || !ids.includes(lastId)",
    becomes: ["false"],
    reason: "No page shows an offer without a key.",
  },
  {
    file: `${crawl}consistency-check.ts`,
    code: "if (all.length <= size) return [...all];",
    becomes: ["all.length < size"],
    reason: "A sample of the length of the list is the list.",
  },
  {
    file: `${crawl}consistency-check.ts`,
    code: "(one) => one !== undefined,",
    becomes: ["true"],
    reason: typed,
  },
  {
    file: `${crawl}consistency-check.ts`,
    code: "before = [...before, part].slice(-2);",
    becomes: ["[...before, part]"],
    reason: "Only the last but one is used; the rest takes memory.",
  },
  {
    file: `${crawl}offer-page.ts`,
    code: 'const start = before.lastIndexOf(after[0] ?? "");',
    becomes: filler,
    reason: typed,
  },
  { file: `${crawl}offer-page.ts`, code: 'ids[index] ?? ""', becomes: filler, reason: typed },
  {
    file: `${crawl}offer-page.ts`,
    code: "pages[index]?.ids ?? []",
    becomes: [...filler, "pages[index].ids"],
    reason: typed,
  },
  { file: `${crawl}probe-page.ts`, code: "before.topIds ?? []", becomes: filler, reason: typed },
  { file: `${crawl}probe-page.ts`, code: "known.topIds?.[0]", becomes: ["known.topIds[0]"], reason: typed },
  { file: `${crawl}read-window.ts`, code: "topIds ?? []", becomes: filler, reason: typed },
  { file: `${crawl}window-proof.ts`, code: "topIds ?? []", becomes: filler, reason: typed },
  {
    file: `${crawl}window-proof.ts`,
    code: "before.topIds?.[0]",
    becomes: ["before.topIds[0]"],
    reason: typed,
  },
];
