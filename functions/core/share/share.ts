import * as z from "zod";
import { type Day, dayMs, formatDay, parseDay } from "../basics/calendar.ts";
import { ExportError } from "../basics/errors.ts";
import { isoMoment, type Progress } from "../basics/stored-values.ts";
import type { ExportState } from "../export/export-state.ts";
import { type ExportRequest, findConflicts, parseOptions, requireValid } from "../options/export-request.ts";
import { ageOption, type Options, OptionsInput, resolveRange } from "../options/export-options.ts";

/** The least `maxAge` of a link. Mail scanners and workbooks open links often, and must not keep the portal busy. */
const minShareAgeSeconds = 3_600;
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

/** A permanent link as stored. The token itself is not stored, only its hash. */
export const Share = z.object({
  id: z.string(),
  /** Hexadecimal. */
  tokenSha256: z.string().length(64),
  name: z.string(),
  /** The options of the request. A relative period is resolved at each visit. */
  options: z.record(z.string(), z.unknown()),
  /** The mailed export. The link serves it as long as its file exists, and then a report with the same options. */
  exportId: z.string().nullable().default(null),
  createdAt: isoMoment,
  expiresAt: isoMoment,
});
export type Share = z.infer<typeof Share>;

export type NewShare = Pick<Share, "name" | "options"> & { expiresInDays: number; exportId?: string };

/** The life of a link in a mail, which is read soon or never. The bucket drops the file earlier. */
const mailedShareDays = 90;

/** The permanent link for the mail about a report. */
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

/** Throws an ExportError that names every bad parameter, an option as `options.format`. */
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

/** Half of the token's hash. Whoever sees the id in a list does not learn the other half. */
export function deriveShareId(tokenSha256: string): string {
  return tokenSha256.slice(0, 32);
}

export function isShareId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** The length of a token. It cannot be guessed. */
export const shareTokenBytes = 32;

/** True for a token in base64url. Any other text is refused without a read of the bucket. */
export function isShareToken(text: string): boolean {
  return text.length === Math.ceil((shareTokenBytes * 4) / 3) && /^[\w-]+$/.test(text);
}

/** The limit for links that callers create. */
export const maxShares = 100;

/** The limit for links in mails. Beyond it the oldest are removed before they expire. */
export const maxMailedShares = 500;

export function hasShareExpired({ expiresAt }: Share, now: Date): boolean {
  return now.getTime() >= Date.parse(expiresAt);
}

/** An expired link keeps its tombstone for 90 days, and responds that it has expired. */
const tombstoneMs = 90 * dayMs;
/** Beyond this number the oldest tombstones are removed. */
export const maxTombstones = 100;

/** An expired share without its name and its options. */
export function makeTombstone(share: Share): Share {
  return { ...share, name: "", options: {}, exportId: null };
}

export function isTombstoneOver({ expiresAt }: Share, now: Date): boolean {
  return now.getTime() >= Date.parse(expiresAt) + tombstoneMs;
}

/** The same response for a link that never existed and for one that was revoked. */
export function unknownShareError(): ExportError {
  const detail =
    "There is no such permanent link, or it has been revoked. Ask who gave it to you for another.";
  return new ExportError("missing", "share_not_found", detail);
}

/** Only a holder of the token sees this response, so it may reveal that the link existed. */
export function expiredShareError(): ExportError {
  const detail = "This permanent link has expired. Ask who gave it to you for a new one.";
  return new ExportError("gone", "share_expired", detail);
}

/** For five minutes after a failed export, visits to the link start no new export, to protect the portal. */
const restSeconds = 300;

/** The export that a visit on the day `today` requests. Throws when this version no longer knows an option. */
export function resolveShare({ options }: Share, today: Day): ExportRequest {
  return { ...parseOptions({ maxAge: minShareAgeSeconds, ...options }, today), restSeconds };
}

/**
 * The options of the reports that may stand in while the visit's own report is missing, the newest day first. A
 * share without a fixed `asOf` also accepts reports as of earlier days, back to `earliest`, if they cover the same
 * period of issue. On the first of a month, yesterday's `this-month` is another period.
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
 * The longest pause that Excel's Power Query accepts:
 * https://learn.microsoft.com/en-us/power-query/handling-status-codes.
 */
const maxPauseSeconds = 120;

/** Asks the caller to return when the export should be finished. */
export function unreadyShareError({ estimatedFinishAt, waitingUntil }: Progress, now: Date): ExportError {
  const readyAt = estimatedFinishAt ?? waitingUntil;
  const leftSeconds = readyAt === null ? 0 : Math.ceil((Date.parse(readyAt) - now.getTime()) / 1000);
  const pauseSeconds = Math.min(maxPauseSeconds, Math.max(minPauseSeconds, leftSeconds));
  const detail = `The report is being made. Try again in ${pauseSeconds} seconds.`;
  return new ExportError("busy", "share_not_ready", detail, {
    headers: { "retry-after": String(pauseSeconds) },
  });
}
