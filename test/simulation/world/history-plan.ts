import { type FaultSource, openFaultSource } from "../faults/fault-source.ts";
import { mailConditions, type MailWhen } from "../../../functions/core/export/export-state.ts";
import { createSeededRandom, type SeededRandom } from "../faults/seeded-random.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A history that is to be run. `suppressed` names faults and actions that do not happen. */
export type HistoryRequest = {
  seed: string;
  suppressed?: ReadonlySet<string>;
  /** The number of offers, when it is not the seed's. */
  offers?: number;
  hasFaults?: boolean;
  /** Whether the history keeps its trace, which takes some of its time. */
  isTraced?: boolean;
  /** A promise of S3 that the storage breaks, to show that the history then fails. */
  defect?: "conditions" | "consistency";
};

/** A report that the schedule promises: the tick, and the options of the report. */
export type ScheduledReport = { schedule: string; tickMs: number; options: Record<string, unknown> };

/** What one user does. Each field but the first five is null when the user does not do it. */
export type UserPlan = {
  id: string;
  atMs: number;
  options: Record<string, unknown>;
  /** How the user asks for the export. */
  route: "POST /exports" | "GET /export";
  /** How many seconds the user waits for each answer; null for the default. */
  waitSeconds: number | null;
  idempotencyKey: string | null;
  /** The time between two clicks. */
  doubleMs: number | null;
  /** The time from the request to the deletion of the export, finished or not. */
  deleteMs: number | null;
  /** Instead of that time: the user deletes the export as soon as its state has been stored so many times. */
  deleteAtState: number | null;
  /** The time from the end of the export to a second visit, with its download. */
  downloadMs: number | null;
  share: { afterMs: number; visitsMs: number[]; revokeMs: number | null } | null;
  mail: { afterMs: number; to: string } | null;
};

export type HistoryPlan = {
  seed: string;
  suppressed: ReadonlySet<string>;
  hasFaults: boolean;
  isTraced: boolean;
  defect: "conditions" | "consistency" | undefined;
  offers: number;
  startMs: number;
  tickMs: number;
  reports: Record<string, unknown>[];
  /** The recipients of the tick's reports, and the addresses of the webhooks' receivers. */
  recipients: string[];
  /** When the recipients get a mail; null when the setting does not say so. */
  mailWhen: MailWhen | null;
  receivers: string[];
  users: UserPlan[];
  /** The time from which nothing goes wrong any more. */
  calmMs: number;
  /** The actions that can be left out, by their ids. */
  actions: readonly string[];
};

/** The month's tick: February 1st 2026, 6 o'clock in Amsterdam. */
const tickMs = Date.UTC(2026, 1, 1, 5);
const maxUsers = 3;
/** The tick's reports have succeeded by then, however many invocations were lost. */
const leastCalmMs = tickMs + 6 * hourMs;

/** Draws what happens in the history of the seed, apart from the faults. */
export function planHistory(request: HistoryRequest): HistoryPlan {
  const { seed, suppressed = new Set(), offers, hasFaults = true, isTraced = true, defect } = request;
  const draws = openFaultSource(`${seed} plan`, suppressed);
  const random = createSeededRandom(`${seed} size`);
  // Large lists take long, so they are rare.
  const size = 1_000 + Math.floor(2_000 * random.next() ** 12);
  const count = random.pick([1, 1, 1, 1, 1, 1, 2, maxUsers]);
  const reports = drawReports(random);
  const recipients = random.draw(3) === 0 ? ["boss@example.com"] : [];
  const receivers = ["https://one.example.com/hook", "https://two.example.com/hook"].slice(random.draw(4));
  // `expiring` needs reports with open offers. A source of its own leaves the other draws as they are.
  const conditions = reports.some(({ status }) => status !== undefined)
    ? (["always", "changed"] as const)
    : mailConditions;
  const mailWhen =
    recipients.length === 0 ? null : createSeededRandom(`${seed} mail`).pick([null, ...conditions]);
  const users = Array.from({ length: count }, (_, index) =>
    planUser(seed, `user-${index + 1}`, draws),
  ).filter((user) => user !== null);
  return {
    seed,
    suppressed,
    hasFaults,
    isTraced,
    defect,
    offers: offers ?? size,
    startMs: Math.min(tickMs - hourMs, ...users.map(({ atMs }) => atMs)) - minuteMs,
    tickMs,
    reports,
    recipients,
    mailWhen,
    receivers,
    users,
    calmMs: Math.max(leastCalmMs, ...users.map(({ atMs }) => atMs + hourMs)),
    actions: draws.injected().map(({ id }) => id),
  };
}

function drawReports(random: SeededRandom): Record<string, unknown>[] {
  const machine = { format: "csv", dialect: "machine" };
  const month = { ...machine, period: "this-month", status: ["rejected"] };
  return random.draw(4) === 0 ? [machine, month] : [machine];
}

function planUser(seed: string, id: string, draws: FaultSource): UserPlan | null {
  const draw = (what: string, perMille: number) =>
    draws.drawFault(`${id}${what}`, { done: perMille }) !== null;
  if (!draw("", 1000)) return null;
  const random = createSeededRandom(`${seed} ${id}`);
  const between = (minMs: number, maxMs: number) => minMs + Math.floor(random.next() ** 2 * (maxMs - minMs));
  // Each number is drawn, whether it is needed or not. So a user who leaves one action out does the others as before.
  const atMs = drawTime(random);
  const options = drawOptions(random);
  const route = random.draw(5) === 0 ? "GET /export" : "POST /exports";
  const waitSeconds = random.pick([null, 0, 5, 25]);
  const key = `${seed}-${random.draw(2) === 0 ? id : "shared"}`;
  const doubleMs = between(0, 2_000);
  const deleteMs = random.draw(2) === 0 ? between(0, 5 * minuteMs) : between(minuteMs, 24 * hourMs);
  const downloadMs = between(0, 12 * hourMs);
  const shareMs = between(0, 2 * hourMs);
  const visitsMs = [between(0, 4 * hourMs)];
  const revokeMs = between(0, 6 * hourMs);
  const mail = { afterMs: between(0, random.draw(2) === 0 ? minuteMs : hourMs), to: `${id}@example.com` };
  const deleteAtState = random.draw(2) === 0 ? 2 + random.draw(6) : null;
  const isMailed = draw(" mail", 250);
  return {
    id,
    atMs,
    options,
    route,
    waitSeconds,
    idempotencyKey: draw(" key", 400) && route === "POST /exports" ? key : null,
    doubleMs: draw(" double", 250) ? doubleMs : null,
    deleteMs: draw(" delete", 350) ? deleteMs : null,
    deleteAtState,
    downloadMs: draw(" download", 400) ? downloadMs : null,
    share: draw(" share", 250)
      ? { afterMs: shareMs, visitsMs, revokeMs: draw(" revoke", 500) ? revokeMs : null }
      : null,
    mail: isMailed ? mail : null,
  };
}

/** Draws the time of a visit. Many users come when the tick runs, and the others in the days around it. */
function drawTime(random: SeededRandom): number {
  const kind = random.draw(20);
  const fraction = random.next();
  if (kind < 12) return tickMs - 3 * minuteMs + Math.floor(fraction * 25 * minuteMs);
  if (kind < 16) return tickMs + hourMs + Math.floor(fraction * 24 * hourMs);
  if (kind < 19) return tickMs + Math.floor(fraction * 20 * 24 * hourMs);
  return tickMs - Math.floor(fraction * 4 * 24 * hourMs);
}

function drawOptions(random: SeededRandom): Record<string, unknown> {
  const isWorkbook = random.draw(10) === 0;
  const format = isWorkbook
    ? { format: "xlsx", status: ["rejected"], period: "2026-01" }
    : { format: "csv", dialect: "machine" };
  const status =
    isWorkbook || random.draw(8) === 0 ? {} : { status: [random.pick(["rejected", "open", "expired"])] };
  const freshness = random.draw(16) === 0 ? { freshness: "full" } : {};
  // Most users are content with what another export has read, so that a history is not mostly made of readings.
  const maxAge = random.pick<{ maxAge?: number }>([
    {},
    { maxAge: 3_600 },
    { maxAge: 86_400 },
    { maxAge: 172_800 },
    { maxAge: 604_800 },
    { maxAge: 604_800 },
  ]);
  const customers = random.draw(4) === 0 ? {} : { customers: false };
  return { ...format, ...status, ...freshness, ...maxAge, ...customers };
}
