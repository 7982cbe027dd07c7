import type { CheckAnswer } from "../../core/check/setup-check.ts";
import { browserStorage, rememberTimeZone } from "../client/browser-storage.ts";
import type { PageWords } from "../words/page-dutch.ts";
import { describeDetails, makeButton } from "./feedback.ts";
import { make, type ViewContext } from "./view-elements.ts";

type Checks = CheckAnswer["checks"];

const key = "setup";

/**
 * Shows the setup check's result. A good result is shown once, a warning is shown until the reader closes it, and a
 * fault is shown until it is repaired.
 */
export function makeSetup(app: ViewContext): HTMLElement {
  const { main, memory, locale } = app;
  const place = make("section", {
    class: "card setup",
    hidden: true,
    "aria-label": locale.words.check.title,
  });
  // The old view is still there. What it showed is shown again when only the language has changed.
  const wasShown = memory.viewState !== null && main.querySelector(".setup:not([hidden])") !== null;
  void fill(app, place, wasShown);
  return place;
}

/** Calls `show` with the number of requests per minute that the portal allows, unless the number is unknown. */
export async function loadRateLimit(app: ViewContext, show: (perMinute: number) => void): Promise<void> {
  const perMinute = findRequestsPerMinute(await loadSetup(app));
  if (perMinute !== null) show(perMinute);
}

function findRequestsPerMinute(answer: CheckAnswer | null): number | null {
  const rate = answer?.rate ?? null;
  return rate === null ? null : Math.round((rate.perWindow * 60) / rate.windowSeconds);
}

/**
 * Returns the result of the setup check. Returns null when no answer came, because the view works without a result. A
 * good result is kept for later calls. After any other result the next call checks again.
 */
export async function loadSetup({ client, memory }: ViewContext): Promise<CheckAnswer | null> {
  const asked = (memory.setup ??= client.checkSetup().catch(() => null));
  const answer = await asked;
  if (answer !== null) rememberTimeZone(answer.calendar.timeZone);
  if (!(answer && isFine(answer)) && memory.setup === asked) memory.setup = null;
  return answer;
}

/** True when every check is ok. A check that was skipped, for example while an export runs, is not ok. */
function isFine({ checks }: CheckAnswer): boolean {
  return checks.every(({ status }) => status === "ok");
}

function listFaults({ checks }: CheckAnswer): Checks {
  return checks.filter(({ status }) => status === "failed" || status === "warning");
}

async function fill(app: ViewContext, place: HTMLElement, wasShown: boolean): Promise<void> {
  const answer = await loadSetup(app);
  if (answer === null || app.signal.aborted) return;
  const faults = listFaults(answer);
  if (faults.length === 0 && !isFine(answer)) return;
  const finding = faults.map(({ name, code }) => `${name} ${code}`).join(", ");
  if (answer.ok && !wasShown && browserStorage.read(key) === finding) return;
  place.classList.add(faults.length === 0 ? "praise" : "failed");
  place.append(...(faults.length === 0 ? makeSuccess(app, answer) : makeFaults(app, faults)));
  if (answer.ok) place.append(makeDismiss(app, place, finding));
  place.hidden = false;
}

function makeSuccess({ locale: { words, format } }: ViewContext, answer: CheckAnswer): HTMLElement[] {
  browserStorage.write(key, "");
  const perMinute = findRequestsPerMinute(answer);
  const rate = perMinute === null ? "" : ` ${words.check.pace(format.count(perMinute))}`;
  return [make("p", {}, words.check.fine + rate)];
}

function makeFaults({ locale: { words }, announce }: ViewContext, faults: Checks): HTMLElement[] {
  announce(words.check.wrong);
  return [make("h2", {}, words.check.wrong), ...faults.map((fault) => makeFault(fault, words))];
}

function makeFault({ name, code, detail, remedy }: Checks[number], words: PageWords): HTMLElement {
  const { names, faults, other } = words.check;
  return make(
    "div",
    { class: "fault" },
    make("h3", {}, names[name]),
    make("p", {}, faults[`${name} ${code}`] ?? faults[code] ?? other),
    describeDetails({ code, detail: [detail, remedy].join(" ") }, words),
  );
}

/** Creates the button that closes the panel. A finding that the reader has closed is not shown again. */
function makeDismiss(app: ViewContext, place: HTMLElement, finding: string): HTMLElement {
  return makeButton(app, app.locale.words.check.dismiss, async () => {
    browserStorage.write(key, finding);
    place.remove();
    app.main.querySelector("h1")?.focus();
  });
}
