import { exportKey, fileKey } from "../../../functions/core/basics/bucket-keys.ts";
import { type ExportState, isFinished } from "../../../functions/core/export/export-state.ts";
import { showResult } from "../../../functions/core/export/shown-export.ts";
import { maxSkewMs } from "../time/virtual-clock.ts";
import { findVersions, listKeys, type Observations, type ObservedAnswer } from "./observations.ts";
import { listLastStates, readVersions, type StateVersion } from "./observed-exports.ts";

type Shown = Omit<ExportState, "run" | "result"> & {
  result: ({ file: object } & Record<string, unknown>) | null;
};

const exportPath = /^\/exports\/([0-9a-z-]{35})$/;
const filePath = /^\/exports\/([0-9a-z-]{35})\/file$/;

/** Compares each answer about exports with the states that were stored while the request was under way. */
export function checkAnswers(observed: Observations): string[] {
  return observed.answers.flatMap((asked) => {
    if (asked.answer === null || asked.method !== "GET") return [];
    const id = exportPath.exec(asked.path)?.[1];
    if (id !== undefined) return checkShown(observed, asked, id);
    const fileId = filePath.exec(asked.path)?.[1];
    if (fileId !== undefined) return checkFileAnswer(observed, asked, fileId);
    return asked.path === "/exports" ? checkList(observed, asked) : [];
  });
}

function checkShown(observed: Observations, asked: ObservedAnswer, id: string): string[] {
  const { answer } = asked;
  if (answer === null || answer.statusCode >= 500) return [];
  const versions = findStates(observed, asked, id);
  if (answer.statusCode === 404)
    return versions.length === 0 ? [] : [`${describe(asked)} -> 404, and there is one`];
  if (answer.statusCode !== 200) return [`${describe(asked)} -> ${answer.statusCode}`];
  const shown: Shown = JSON.parse(answer.body);
  return versions.some(({ state }) => isShownAs(state, shown, asked.answeredMs))
    ? []
    : [
        `${describe(asked)} says ${summarize(shown)}; stored: ${versions.map(({ state }) => summarize(state)).join(", ")}`,
      ];
}

function checkList(observed: Observations, asked: ObservedAnswer): string[] {
  const { answer, sentMs } = asked;
  if (answer?.statusCode !== 200) return [];
  const { exports }: { exports: Shown[] } = JSON.parse(answer.body);
  const wrong = exports.filter(
    (shown) =>
      !findStates(observed, asked, shown.id).some(({ state }) =>
        isShownAs(omitShown(state), shown, asked.answeredMs),
      ),
  );
  const listed = new Set(exports.map(({ id }) => id));
  const missing = listKeys(observed, "exports/").filter((key) => {
    const id = key.slice("exports/".length, -".json".length);
    const [first, ...later] = observed.objects.get(key) ?? [];
    return first !== undefined && first.atMs < sentMs && later.at(-1)?.body !== null && !listed.has(id);
  });
  return [
    ...wrong.map((shown) => `${describe(asked)} lists ${summarize(shown)}, which was not stored so`),
    ...(exports.length < 50 ? missing.map((key) => `${describe(asked)} does not list ${key}`) : []),
  ];
}

function checkFileAnswer(observed: Observations, asked: ObservedAnswer, id: string): string[] {
  const { answer, sentMs, answeredMs } = asked;
  const states = findStates(observed, asked, id).map(({ state }) => state);
  if (answer?.statusCode === 409)
    return states.some(({ result }) => result === null)
      ? []
      : [`${describe(asked)} -> 409, and there is a result`];
  if (answer?.statusCode !== 410) return [];
  const keys = states.flatMap(({ result }) =>
    result === null ? [] : [fileKey(id, result.file.name, result.file.attempt ?? null)],
  );
  const isGone = keys.some((key) =>
    findVersions(observed, key, [sentMs, answeredMs]).some(({ body }) => body === null),
  );
  return isGone ? [] : [`${describe(asked)} -> 410, and the file is there`];
}

function findStates(
  observed: Observations,
  { sentMs, answeredMs }: ObservedAnswer,
  id: string,
): StateVersion[] {
  return readVersions(findVersions(observed, exportKey(id), [sentMs, answeredMs]));
}

/** True when the answer shows this state. An unfinished export whose time is over is shown as interrupted. */
function isShownAs(state: ExportState, shown: Shown, nowMs: number): boolean {
  if (state.id !== shown.id || writeSorted(state.options) !== writeSorted(shown.options)) return false;
  if (isFinished(state)) {
    const { result, status, finishedAt, problem } = state;
    return (
      status === shown.status &&
      finishedAt === shown.finishedAt &&
      writeSorted(problem) === writeSorted(shown.problem) &&
      writeSorted(showOnce(result)) === writeSorted(omitLink(shown.result))
    );
  }
  if (shown.status === "failed")
    return shown.problem?.code === "interrupted" && Date.parse(state.run.aliveUntil) <= nowMs + maxSkewMs;
  return shown.status === state.status && shown.result === null;
}

function omitLink(result: Shown["result"]): object | null {
  if (result === null) return null;
  const { url: _, urlExpiresAt: __, ...file }: Record<string, unknown> = { ...result.file };
  return { ...result, file };
}

const listedStates = new WeakMap<ExportState, ExportState>();

/** Returns the state without what lists leave out; the same object for the same state. */
function omitShown(state: ExportState): ExportState {
  if (state.result === null) return state;
  const known = listedStates.get(state);
  if (known !== undefined) return known;
  const listed = { ...state, result: { ...state.result, figures: null, changes: null } };
  listedStates.set(state, listed);
  return listed;
}

const sortedTexts = new WeakMap<object, string>();

/** Writes a part of a stored state with sorted keys. Many answers are compared with the same state. */
function writeSorted(value: object | null): string {
  if (value === null) return "null";
  const known = sortedTexts.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(sortKeys(value));
  sortedTexts.set(value, text);
  return text;
}

const shownResults = new WeakMap<object, object>();

/** Returns the result as answers show it; the same object for the same result. */
function showOnce(result: ExportState["result"]): object | null {
  if (result === null) return null;
  const known = shownResults.get(result);
  if (known !== undefined) return known;
  const shown = showResult(result);
  shownResults.set(result, shown);
  return shown;
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, one]) => [name, sortKeys(one)]),
  );
}

/** After the end of all work every execution has ended, and every export is shown as ended. */
export function checkEnds({ answers, executions, objects, restMs }: Observations): string[] {
  const shown = new Map<string, string>();
  for (const { answer, method, path, sentMs } of answers) {
    const id = method === "GET" && sentMs >= restMs ? exportPath.exec(path)?.[1] : undefined;
    if (id !== undefined && answer?.statusCode === 200) shown.set(id, JSON.parse(answer.body).status);
  }
  const running = executions.filter(({ status }) => status === "RUNNING");
  const unfinished = listKeys({ objects }, "exports/")
    .map((key) => key.slice("exports/".length, -".json".length))
    .filter((id) => !["succeeded", "failed"].includes(shown.get(id) ?? "not shown"));
  return [
    ...running.map(({ name }) => `the execution ${name} still runs`),
    ...unfinished.map((id) => `${id} is ${shown.get(id) ?? "not shown"} for ever`),
  ];
}

const expectedCodes = new Set(["storage_failed", "workflow_failed", "share_not_ready"]);

/** Every request of these users is valid. So only a failing storage, workflow or portal is a reason for an error. */
export function checkErrors(observed: Observations): string[] {
  const codes = new Set([
    ...expectedCodes,
    ...listLastStates(observed).flatMap(({ problem }) => problem?.code ?? []),
    "interrupted",
  ]);
  const unexpected = observed.answers.filter(({ answer }) => {
    if (answer === null || answer.statusCode < 400) return false;
    const { code = "" }: { code?: string } = JSON.parse(answer.body || "{}");
    if (answer.statusCode >= 500) return !codes.has(code);
    return [400, 401, 403, 405, 413, 415].includes(answer.statusCode);
  });
  return [
    ...observed.errors,
    ...unexpected.map((asked) => `${describe(asked)} -> ${asked.answer?.statusCode} ${asked.answer?.body}`),
  ];
}

export function describe({ who, method, path, sentMs }: ObservedAnswer): string {
  return `${method} ${path} of ${who} at ${new Date(sentMs).toISOString()}`;
}

function summarize({
  id,
  status,
  finishedAt,
  problem,
}: Pick<Shown, "id" | "status" | "finishedAt" | "problem">): string {
  return [id, status, finishedAt, problem?.code].filter((part) => part != null).join(" ");
}
