import type { CheckAnswer } from "../../core/check/setup-check.ts";
import { browserStorage, rememberTimeZone } from "../client/browser-storage.ts";
import type { PageWords } from "../words/page-dutch.ts";
import { describeDetails, makeButton } from "./feedback.ts";
import { make, type ViewContext } from "./view-elements.ts";

type Checks = CheckAnswer["checks"];

const key = "setup";

/** Says how the setup is: once where it works, and as long as something has failed. */
export function makeSetup(app: ViewContext): HTMLElement {
  const place = make("section", { class: "card", hidden: true, "aria-label": app.speech.words.check.title });
  void fill(app, place);
  return place;
}

/** Tells how many requests the portal takes in a minute, where that is known. */
export async function loadRateLimit(app: ViewContext, tell: (perMinute: number) => void): Promise<void> {
  const pace = findPace(await loadSetup(app));
  if (pace !== null) tell(pace);
}

function findPace(answer: CheckAnswer | null): number | null {
  const rate = answer?.rate ?? null;
  return rate === null ? null : Math.round((rate.perWindow * 60) / rate.windowSeconds);
}

/** Asks until all is well; null when there was no answer, which is not what somebody came for. */
export async function loadSetup({ client, memory }: ViewContext): Promise<CheckAnswer | null> {
  const asked = (memory.setup ??= client.checkSetup().catch(() => null));
  const answer = await asked;
  if (answer !== null) rememberTimeZone(answer.calendar.timeZone);
  if (!(answer && isFine(answer)) && memory.setup === asked) memory.setup = null;
  return answer;
}

/** What an export keeps from being looked at is no fault, and not known to work either. */
function isFine({ checks }: CheckAnswer): boolean {
  return checks.every(({ status }) => status === "ok");
}

function listFaults({ checks }: CheckAnswer): Checks {
  return checks.filter(({ status }) => status === "failed" || status === "warning");
}

async function fill(app: ViewContext, place: HTMLElement): Promise<void> {
  const answer = await loadSetup(app);
  if (answer === null || app.signal.aborted) return;
  const faults = listFaults(answer);
  if (faults.length === 0 && !isFine(answer)) return;
  const finding = faults.map(({ name, code }) => `${name} ${code}`).join(", ");
  if (answer.ok && browserStorage.read(key) === finding) return;
  place.classList.add(faults.length === 0 ? "praise" : "failed");
  place.append(...(faults.length === 0 ? makePraise(app, answer) : makeBlame(app, faults)));
  if (answer.ok) place.append(makeClose(app, place, finding));
  place.hidden = false;
}

function makePraise({ speech: { words, format } }: ViewContext, answer: CheckAnswer): HTMLElement[] {
  browserStorage.write(key, "");
  const pace = findPace(answer);
  const told = pace === null ? "" : ` ${words.check.pace(format.count(pace))}`;
  return [make("p", {}, words.check.fine + told)];
}

function makeBlame({ speech: { words }, announce }: ViewContext, faults: Checks): HTMLElement[] {
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

/** A warning that was read is not repeated. */
function makeClose(app: ViewContext, place: HTMLElement, finding: string): HTMLElement {
  return makeButton(app, app.speech.words.check.dismiss, async () => {
    browserStorage.write(key, finding);
    place.remove();
    app.main.querySelector("h1")?.focus();
  });
}
