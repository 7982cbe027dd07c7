import * as z from "zod";
import { type Day, dayMs, formatDay, parseDay } from "../basics/calendar.ts";
import { ExportError } from "../basics/errors.ts";
import { isoMoment, type Progress } from "../basics/stored-values.ts";
import type { ExportState } from "../export/export-state.ts";
import { type ExportRequest, findConflicts, parseOptions, requireValid } from "../options/export-request.ts";
import { ageOption, type Options, OptionsInput, resolveRange } from "../options/options.ts";

/** What opens a link may be a mail scanner, or a workbook that refreshes itself: none keeps the portal busy. */
export const minShareAgeSeconds = 3_600;
const ageHint =
  `must be a whole number of seconds, ${minShareAgeSeconds} or more, since anything may open a permanent link; ` +
  "for fresher offers ask for an export";
const nameHint = "must be a text of 1 to 100 characters";
const maxDays = 3_650;
const daysHint = `must be a whole number of days from 1 to ${maxDays}`;

/** A permanent link as a caller asks for it. */
export const ShareInput = z.strictObject(
  {
    name: z
      .string(nameHint)
      .trim()
      .min(1, nameHint)
      .max(100, nameHint)
      .describe("Whose it is, or what it is for."),
    options: z.strictObject(
      { ...OptionsInput.shape, maxAge: ageOption(minShareAgeSeconds, ageHint).default(minShareAgeSeconds) },
      "must be an object with the options of an export",
    ),
    expiresInDays: z
      .int(daysHint)
      .min(1, daysHint)
      .max(maxDays, daysHint)
      .default(365)
      .describe("Days that it lives."),
  },
  "must be a JSON object with a name and the options",
);

/** A permanent link as the bucket keeps it: of its token, the hash alone. */
export const Share = z.object({
  id: z.string(),
  /** In hex. */
  tokenSha256: z.string().length(64),
  name: z.string(),
  /** As they were given: what day it is, each visit decides. */
  options: z.record(z.string(), z.unknown()),
  /** What a mail links to: the very report while it is there, and one of the same options after that. */
  exportId: z.string().nullable().default(null),
  createdAt: isoMoment,
  expiresAt: isoMoment,
});
export type Share = z.infer<typeof Share>;

export type NewShare = Pick<Share, "name" | "options"> & { expiresInDays: number; exportId?: string };

/** A mail is read soon or never, and the bucket forgets the file earlier. */
const mailedDays = 90;

/** The link to a report that a mail has. */
export function shareReport({ id, options, result }: ExportState): NewShare {
  const given = Object.entries(options).filter(([, value]) => value !== null);
  return {
    name: `Mail: ${result?.file.name ?? id}`,
    options: Object.fromEntries(given),
    expiresInDays: mailedDays,
    exportId: id,
  };
}

const Given = z.object({ options: Share.shape.options }).catch({ options: {} });

/** Throws an ExportError that names every bad parameter, an option as `options.format`. */
export function parseShare(given: unknown, today: Day): NewShare {
  const { options } = Given.parse(given);
  const conflicts = findConflicts(options, today).map(({ parameter, detail }) => ({
    parameter: `options.${parameter}`,
    detail,
  }));
  const { name, expiresInDays } = requireValid(ShareInput.safeParse(given), conflicts);
  return { name, options, expiresInDays };
}

export function newShare(
  { expiresInDays, exportId, ...given }: NewShare,
  tokenSha256: string,
  now: Date,
): Share {
  return {
    id: deriveShareId(tokenSha256),
    tokenSha256,
    ...given,
    exportId: exportId ?? null,
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + expiresInDays * dayMs).toISOString(),
  };
}

/** Half of the hash finds the share without telling who reads the list what the other half is. */
export function deriveShareId(tokenSha256: string): string {
  return tokenSha256.slice(0, 32);
}

export function isShareId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** 256 random bits in base64url: nothing is looked up for another text. */
export function isShareToken(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}

/** Of those that somebody has made. */
export const maxShares = 100;

/** Of those in mails, which nobody counts: the oldest go before they expire. */
export const maxMailedShares = 500;

export function hasShareExpired({ expiresAt }: Share, now: Date): boolean {
  return now.getTime() >= Date.parse(expiresAt);
}

/** For so long a link that has expired still says so; of more than so many only those that expired last do. */
const epitaphMs = 90 * dayMs;
export const maxTombstones = 100;

/** All that is kept of a share that has expired: neither whose it was, nor of what. */
export function makeTombstone(share: Share): Share {
  return { ...share, name: "", options: {}, exportId: null };
}

export function isTombstoneOver({ expiresAt }: Share, now: Date): boolean {
  return now.getTime() >= Date.parse(expiresAt) + epitaphMs;
}

/** The same answer whether there never was such a link or it has been revoked. */
export function unknownShareError(): ExportError {
  const detail =
    "There is no such permanent link, or it has been revoked. Ask who gave it to you for another.";
  return new ExportError("missing", "share_not_found", detail);
}

/** Nobody learns it but who holds the link, and knows then what to ask for. */
export function expiredShareError(): ExportError {
  const detail = "This permanent link has expired. Ask who gave it to you for a new one.";
  return new ExportError("gone", "share_expired", detail);
}

/** A link whose export keeps failing must not keep the portal busy either. */
const restSeconds = 300;

/** What a visit on that day asks for; throws where this version knows an option no more. */
export function resolveShare({ options }: Share, today: Day): ExportRequest {
  return { ...parseOptions({ maxAge: minShareAgeSeconds, ...options }, today), restSeconds };
}

/**
 * The options whose report may stand in for the visit's, the newest first: its own, and those of the days before,
 * back to the earliest, where the share is about the day on which it is opened. They let the same days through:
 * on the first of a month yesterday's `this-month` does not.
 */
export function listStandInOptions(
  { options: given }: Share,
  { options }: ExportRequest,
  earliest: Day,
): Options[] {
  const today = parseDay(options.asOf) ?? earliest;
  const days = given["asOf"] === undefined ? Math.max(0, today - earliest) : 0;
  return Array.from({ length: days + 1 }, (_, ago) => ({ ...options, asOf: formatDay(today - ago) })).filter(
    (former) => describeRange(former) === describeRange(options),
  );
}

function describeRange(options: Options): string {
  const { from, to } = resolveRange(options);
  return `${from}/${to}`;
}

const minPauseSeconds = 5;
/** What Excel's Power Query waits at most: https://learn.microsoft.com/en-us/power-query/handling-status-codes. */
const maxPauseSeconds = 120;

/** To come back when the export is expected to be finished. */
export function unreadyShareError({ estimatedFinishAt, waitingUntil }: Progress, now: Date): ExportError {
  const readyAt = estimatedFinishAt ?? waitingUntil;
  const leftSeconds = readyAt === null ? 0 : Math.ceil((Date.parse(readyAt) - now.getTime()) / 1000);
  const pauseSeconds = Math.min(maxPauseSeconds, Math.max(minPauseSeconds, leftSeconds));
  const detail = `The report is being made. Try again in ${pauseSeconds} seconds.`;
  return new ExportError("busy", "share_not_ready", detail, {
    headers: { "retry-after": String(pauseSeconds) },
  });
}
