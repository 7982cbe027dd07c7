/** The headers by which a response asks for a pause. A field is null when the response lacks the header. */
type PauseHeaders = {
  /** The value of `Retry-After`. */
  retryAfter: string | null;
  /** The value of `X-RateLimit-Reset`. */
  reset: string | null;
  /** The value of `Date`, the time by the sender's clock. */
  date: string | null;
};

/**
 * Returns the time at which the next request may be sent, by this machine's clock in ms since 1970; null when the
 * headers name no time. When the headers name two times, the function returns the later one. Times are corrected by
 * the sender's `Date`, so the two clocks need not agree.
 *
 * Example: `Retry-After: 30` means 30 seconds from now. With `Date: … 12:00:05 GMT` and this machine's clock at
 * 12:00:00, `Retry-After: … 12:00:35 GMT` means the same.
 */
export function findRetryAt({ retryAfter, reset, date }: PauseHeaders, nowMs: number): number | null {
  const delays = [parseSeconds(retryAfter), parseDelay(reset)].filter((ms) => ms !== null);
  const dates = [parseHttpDate(retryAfter, nowMs), parseReset(reset)].filter((ms) => ms !== null);
  const aheadMs = countAhead(date, nowMs);
  const moments = [...delays.map((ms) => nowMs + ms), ...dates.map((ms) => ms - aheadMs)];
  return moments.length === 0 ? null : Math.max(nowMs, ...moments);
}

/**
 * The largest difference between the sender's clock and this machine's clock that is corrected: one day. With a
 * larger difference, one of the clocks is wrong, and times are not corrected.
 */
const maxAheadMs = 86_400_000;

function countAhead(date: string | null, nowMs: number): number {
  const aheadMs = (parseHttpDate(date, nowMs) ?? nowMs) - nowMs;
  return Math.abs(aheadMs) > maxAheadMs ? 0 : aheadMs;
}

function parseSeconds(text: string | null): number | null {
  return text !== null && /^\d{1,12}(\.\d{1,9})?$/.test(text) ? Math.ceil(Number(text) * 1000) : null;
}

/**
 * A number is read as milliseconds when it is at least this large, and as seconds when it is smaller. In seconds, this
 * number would be a time in the year 5138.
 */
const minEpochMs = 100_000_000_000;

/** Returns the time from `X-RateLimit-Reset` in ms since 1970; null when the header holds no number. */
function parseReset(text: string | null): number | null {
  if (text === null || !/^\d{1,15}$/.test(text)) return null;
  return Number(text) >= minEpochMs ? Number(text) : Number(text) * 1000;
}

/** The longest delay that is accepted. No server asks for a pause of more than a day. */
const maxDelaySeconds = 86_400;

/**
 * Returns the delay from `X-RateLimit-Reset` in ms; null when the header holds no delay. Some servers send a delay in
 * seconds instead of a time. As a time, such a small number is a moment in 1970, which changes nothing.
 */
function parseDelay(text: string | null): number | null {
  if (text === null || !/^\d{1,5}$/.test(text)) return null;
  return Number(text) <= maxDelaySeconds ? Number(text) * 1000 : null;
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;
/** The three notations of an HTTP date: https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats */
const forms = [
  String.raw`[a-z]{3}, (?<day>\d\d) (?<month>[a-z]{3}) (?<year>\d{4}) ${time} (?:GMT|UTC|\+0000)`,
  String.raw`[a-z]{6,9}, (?<day>\d\d)-(?<month>[a-z]{3})-(?<year>\d\d) ${time} (?:GMT|UTC)`,
  String.raw`[a-z]{3} (?<month>[a-z]{3}) (?<day>[ \d]\d) ${time} (?<year>\d{4})`,
].map((form) => new RegExp(`^${form}$`, "i"));

/** Reads an HTTP date in ms since 1970. Returns null when the text is not an HTTP date. */
export function parseHttpDate(text: string | null, nowMs: number): number | null {
  const parts = forms.map((form) => form.exec(text ?? "")?.groups).find((groups) => groups !== undefined);
  if (parts === undefined) return null;
  const { year = "", month = "", day, hour, minute, second } = parts;
  const [dayOfMonth = 0, hours = 0, minutes = 0, seconds = 0] = [day, hour, minute, second].map(Number);
  const dayMs = Date.UTC(readYear(year, nowMs), months.indexOf(month.toLowerCase()), dayOfMonth);
  // `Date.UTC` turns the 31st of April into the 1st of May, so the day is compared. A leap second (60) is accepted.
  const isReal = new Date(dayMs).getUTCDate() === dayOfMonth && months.includes(month.toLowerCase());
  if (!isReal || hours > 23 || minutes > 59 || seconds > 60) return null;
  return dayMs + ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

/**
 * Reads a year of two or four digits. Two digits mean a year of this century, or of the century before when the
 * year would be more than 50 years ahead (RFC 9110).
 */
function readYear(text: string, nowMs: number): number {
  if (text.length === 4) return Number(text);
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + Number(text);
  return year > thisYear + 50 ? year - 100 : year;
}
