import type { App } from "./app.ts";
import type { CheckAnswer } from "../core/check.ts";
import { makeButton } from "./act.ts";
import { make } from "./element.ts";
import { describeDetails } from "./problem.ts";

const key = "setup-was-fine";

/** Says what is wrong with the setup as long as something is; that nothing is, to whoever comes for the first time. */
export function makeSetup(app: App): HTMLElement {
  const place = make("div", { class: "setup", hidden: true });
  void fill(app, place);
  return place;
}

/** Tells how many requests the portal takes in a minute, where that is known. */
export async function learnPace(app: App, tell: (perMinute: number) => void): Promise<void> {
  const pace = findPace(await learnSetup(app));
  if (pace !== null) tell(pace);
}

function findPace(answer: CheckAnswer | null): number | null {
  const rate = answer?.rate ?? null;
  return rate === null ? null : Math.round((rate.perWindow * 60) / rate.windowSeconds);
}

/** Asks once; null when there was no answer, which is not what somebody came for. */
async function learnSetup({ client, memory }: App): Promise<CheckAnswer | null> {
  memory.setup ??= client.checkSetup().catch(() => null);
  return await memory.setup;
}

async function fill(app: App, place: HTMLElement): Promise<void> {
  const answer = await learnSetup(app);
  if (answer === null || app.signal.aborted) return;
  const wrong = answer.checks.filter(({ status }) => status === "failed" || status === "warning");
  if (wrong.length === 0 && localStorage.getItem(key) !== null) return;
  place.append(wrong.length === 0 ? makePraise(app, place, answer) : makeBlame(app, wrong));
  place.hidden = false;
}

function makePraise(app: App, place: HTMLElement, answer: CheckAnswer): HTMLElement {
  const { check } = app.speech.words;
  localStorage.setItem(key, answer.checkedAt);
  const close = makeButton(app, check.dismiss, async () => {
    place.remove();
    app.main.querySelector("h1")?.focus();
  });
  const pace = findPace(answer);
  const text = make(
    "p",
    {},
    check.fine,
    pace === null ? "" : ` ${check.pace(app.speech.format.count(pace))}`,
  );
  return make("section", { class: "card praise", "aria-label": check.title }, text, close);
}

function makeBlame({ speech, announce }: App, wrong: CheckAnswer["checks"]): HTMLElement {
  const { check } = speech.words;
  announce(check.wrong);
  return make(
    "section",
    { class: "card failed" },
    make("h2", {}, check.wrong),
    ...wrong.map((one) =>
      make(
        "div",
        { class: "fault" },
        make("h3", {}, check.names[one.name]),
        make("p", {}, check.faults[one.code] ?? check.other),
        describeDetails({ code: one.code, detail: [one.detail, one.remedy].join(" ") }, speech.words),
      ),
    ),
  );
}
