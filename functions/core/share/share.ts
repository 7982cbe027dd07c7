import * as z from "zod";
import { type Day, dayMs, formatDay, parseDay } from "../basics/calendar.ts";
import { ExportError } from "../basics/errors.ts";
import { isoMoment, type Progress } from "../basics/stored-values.ts";
import type { ExportState } from "../export/export-state.ts";
import { ageOption, type Options, OptionsInput, resolveRange } from "../options/export-options.ts";
import { type ExportRequest, findConflicts, parseOptions, requireValid } from "../options/export-request.ts";

/**
 * The least `maxAge` of a permanent link. Mail scanners and workbooks open links often, so a shorter `maxAge` would
 * cause many requests to the portal.
 */
const minShareAgeSeconds = 3_600;
const ageHint =
  `must be a whole number of seconds, ${minShareAgeSeconds} or more, since anything may open a permanent link; ` +
  "for fresher offers ask for an export";
const nameHint = "must be a text of 1 to 100 characters";
const maxDays = 3_650;
const daysHint = `must be a whole number of days from 1 to ${maxDays}`;

/** A permanent link as a caller requests it. */
export const ShareInput = z.strictObject(
  {
    name: z
      .string(nameHint)
      .trim()
      .min(1, nameHint)
      .max(100, nameHint)
      .describe("Whose link it is, or what it is for."),
    options: z.strictObject(
      { ...OptionsInput.shape, maxAge: ageOption(minShareAgeSeconds, ageHint).default(minShareAgeSeconds) },
      "must be an object with the options of an export",
    ),
    expiresInDays: z
      .int(daysHint)
      .min(1, daysHint)
      .max(maxDays, daysHint)
      .default(365)
      .describe("The days that the link lives."),
  },
  "must be a JSON object with a name and the options",
);

/** A permanent link as stored in the bucket. Only a hash of the link's token is stored, not the token itself. */
export const Share = z.object({
  id: z.string(),
  /** The SHA-256 of the link's token, in hexadecimal. */
  tokenSha256: z.string().length(64),
  name: z.string(),
  /**
   * The options of the reports that the link opens. A relative period, such as `this-month`, is resolved at each
   * visit.
   */
  options: z.record(z.string(), z.unknown()),
  /**
   * The id of the export whose mail contains the link; null for a link that a caller created. The link opens this
   * export's report while the file exists, and afterwards a report with the same options.
   */
  exportId: z.string().nullable().default(null),
  createdAt: isoMoment,
  expiresAt: isoMoment,
});
export type Share = z.infer<typeof Share>;

export type NewShare = Pick<Share, "name" | "options"> & { expiresInDays: number; exportId?: string };

/**
 * The number of days for which a link in a mail works. The link works longer than the bucket keeps the report's file.
 * 90 days are enough, because a mail is read soon or never.
 */
const mailedShareDays = 90;

/** Returns the permanent link for the mail about a report. */
export function shareReport({ id, options, result }: ExportState): NewShare {
  const setOptions = Object.entries(options).filter(([, value]) => value !== null);
  return {
    name: `Mail: ${result?.file.name ?? id}`,
    options: Object.fromEntries(setOptions),
    expiresInDays: mailedShareDays,
    exportId: id,
  };
}

const OptionsOnly = z.object({ options: Share.shape.options }).catch({ options: {} });

/**
 * Parses a request for a permanent link. Throws an ExportError that names every invalid parameter. It names an
 * invalid option by its path, such as `options.format`.
 */
export function parseShare(input: unknown, today: Day): NewShare {
  const { options } = OptionsOnly.parse(input);
  const conflicts = findConflicts(options, today).map(({ parameter, detail }) => ({
    parameter: `options.${parameter}`,
    detail,
  }));
  const { name, expiresInDays } = requireValid(ShareInput.safeParse(input), conflicts);
  return { name, options, expiresInDays };
}

export function newShare(
  { expiresInDays, exportId, ...content }: NewShare,
  tokenSha256: string,
  now: Date,
): Share {
  return {
    id: deriveShareId(tokenSha256),
    tokenSha256,
    ...content,
    exportId: exportId ?? null,
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + expiresInDays * dayMs).toISOString(),
  };
}

/**
 * Returns a link's id, the first half of the token's hash. A caller that sees the id in a list does not learn the
 * other half.
 */
export function deriveShareId(tokenSha256: string): string {
  return tokenSha256.slice(0, 32);
}

export function isShareId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** The length of a link's token, in bytes. A token of this length cannot be guessed. */
export const shareTokenBytes = 32;

/** True for a text that may be a token in base64url. Any other text is refused without a read of the bucket. */
export function isShareToken(text: string): boolean {
  return text.length === Math.ceil((shareTokenBytes * 4) / 3) && /^[\w-]+$/.test(text);
}

/** At most this many permanent links exist at a time, apart from the links in mails. */
export const maxShares = 100;

/**
 * At most this many permanent links in mails exist at a time. A further link replaces the oldest link, even an
 * unexpired one.
 */
export const maxMailedShares = 500;

export function hasShareExpired({ expiresAt }: Share, now: Date): boolean {
  return now.getTime() >= Date.parse(expiresAt);
}

/** The time for which the tombstone of an expired link is kept, so that the link can answer that it has expired. */
const tombstoneMs = 90 * dayMs;
/** At most this many tombstones are kept. The oldest tombstones are removed first. */
export const maxTombstones = 100;

/** Returns the tombstone of an expired link: the link without its name, its options and its export. */
export function makeTombstone(share: Share): Share {
  return { ...share, name: "", options: {}, exportId: null };
}

export function isTombstoneOver({ expiresAt }: Share, now: Date): boolean {
  return now.getTime() >= Date.parse(expiresAt) + tombstoneMs;
}

/** The error for a link that never existed and for a revoked link. Both get the same response. */
export function unknownShareError(): ExportError {
  const detail =
    "There is no such permanent link, or it has been revoked. Ask who gave it to you for another.";
  return new ExportError("missing", "share_not_found", detail);
}

/**
 * The error for an expired link. It may reveal that the link existed, since only a holder of the token sees this
 * error.
 */
export function expiredShareError(): ExportError {
  const detail = "This permanent link has expired. Ask who gave it to you for a new one.";
  return new ExportError("gone", "share_expired", detail);
}

/** For this many seconds after a failed export, visits to the link start no new export, to protect the portal. */
const restSeconds = 300;

/**
 * Returns the request that a visit to the link on the day `today` makes. Throws when this version no longer knows an
 * option.
 */
export function resolveShare({ options }: Share, today: Day): ExportRequest {
  return { ...parseOptions({ maxAge: minShareAgeSeconds, ...options }, today), restSeconds };
}

/**
 * Returns the options of the reports that a visit may show while the requested report is missing, the latest `asOf`
 * first. When the link has no fixed `asOf`, they include reports as of earlier days, back to `earliest`. Such a
 * report must cover the same period of issue: on the first day of a month, for example, the `this-month` of yesterday
 * is another period.
 */
export function listStandInOptions(
  { options: shareOptions }: Share,
  { options }: ExportRequest,
  earliest: Day,
): Options[] {
  const today = parseDay(options.asOf) ?? earliest;
  const days = shareOptions["asOf"] === undefined ? Math.max(0, today - earliest) : 0;
  return Array.from({ length: days + 1 }, (_, ago) => ({ ...options, asOf: formatDay(today - ago) })).filter(
    (candidate) => describeRange(candidate) === describeRange(options),
  );
}

function describeRange(options: Options): string {
  const { from, to } = resolveRange(options);
  return `${from}/${to}`;
}

const minPauseSeconds = 5;
/**
 * The longest `Retry-After` that Excel's Power Query accepts:
 * https://learn.microsoft.com/en-us/power-query/handling-status-codes.
 */
const maxPauseSeconds = 120;

/**
 * The error while the link's report is being made. It asks the caller to try again when the export should be
 * finished.
 */
export function unreadyShareError({ estimatedFinishAt, waitingUntil }: Progress, now: Date): ExportError {
  const readyAt = estimatedFinishAt ?? waitingUntil;
  const leftSeconds = readyAt === null ? 0 : Math.ceil((Date.parse(readyAt) - now.getTime()) / 1000);
  const pauseSeconds = Math.min(maxPauseSeconds, Math.max(minPauseSeconds, leftSeconds));
  const detail = `The report is being made. Try again in ${pauseSeconds} seconds.`;
  return new ExportError("busy", "share_not_ready", detail, {
    headers: { "retry-after": String(pauseSeconds) },
  });
}
