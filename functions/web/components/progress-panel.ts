import type { ShownExport } from "../client/api-client.ts";
import { calendarDayOf } from "../client/browser-storage.ts";
import type { PageLocale } from "../words/page-format.ts";
import { make, type ViewContext } from "./view-elements.ts";

export type ProgressPanel = {
  element: HTMLElement;
  update: (seen: ShownExport) => void;
  /** Shows that a request got no answer and will be sent again. */
  showLost: () => void;
  /** Sets the number of requests per minute that the portal allows. */
  setRateLimit: (perMinute: number) => void;
};

/** Creates the panel with an export's progress. Its times count down every second until the view ends. */
export function makeProgress(app: ViewContext): ProgressPanel {
  const { locale, signal } = app;
  const panel = makePanel(locale);
  const announce = makeAnnouncer(app);
  let seen: ShownExport | null = null;
  let isLost = false;
  let perMinute: number | null = null;

  function refresh(): void {
    if (seen !== null) fill(panel, seen, { ...locale, perMinute });
    if (isLost) panel.stage.textContent = locale.words.progress.lost;
  }

  const timer = setInterval(refresh, 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
  return {
    element: panel.element,
    update(next) {
      seen = next;
      isLost = false;
      refresh();
      announce(next, panel.stage.textContent, perMinute);
    },
    showLost() {
      isLost = true;
      refresh();
      app.announce(locale.words.progress.lost);
    },
    setRateLimit(limit) {
      perMinute = limit;
      refresh();
      if (seen !== null) announce(seen, panel.stage.textContent, perMinute);
    },
  };
}

type Panel = ReturnType<typeof makePanel>;

function makePanel({ words: { progress } }: PageLocale) {
  const bar = make("progress", { "aria-label": progress.bar, max: 1 });
  const [pages, offers, finish, since] = [make("dd"), make("dd"), make("dd"), make("dd")];
  const stage = make("p", { class: "stage" });
  const why = make("p", { class: "hint", hidden: true }, progress.whyUnknown);
  const element = make(
    "div",
    { class: "progress" },
    bar,
    make(
      "dl",
      { class: "facts" },
      make("div", {}, make("dt", {}, progress.pages), pages),
      make("div", {}, make("dt", {}, progress.offers), offers),
      make("div", {}, make("dt", {}, progress.finish), finish),
      make("div", {}, make("dt", {}, progress.since), since),
    ),
    why,
    stage,
  );
  return { element, bar, pages, offers, finish, since, why, stage };
}

type RatedLocale = PageLocale & { perMinute: number | null };

function fill(panel: Panel, seen: ShownExport, locale: RatedLocale): void {
  const { bar, pages, offers, finish, since, why, stage } = panel;
  const { progress } = seen;
  pages.textContent = locale.format.count(progress.pages);
  offers.textContent = locale.format.count(progress.offers);
  finish.textContent = describeFinish(seen, locale);
  since.textContent = describeStart(seen, locale);
  // A first export has no estimate to its end. Before the first page, it may only not have one yet.
  why.hidden = progress.estimatedFinishAt !== null || progress.pages === 0;
  stage.textContent = describeStage(seen, locale);
  advance(bar, estimateShare(seen, Date.now()));
}

/** Moves the bar forward. The bar never goes back, even when a later estimate gives a smaller share. */
function advance(bar: HTMLProgressElement, share: number | null): void {
  if (share !== null) bar.value = Math.max(bar.value, share);
}

const nearlyDone = 0.98;

/** Returns the share of the export's estimated duration that has passed; null when there is no estimate. */
function estimateShare({ createdAt, progress }: ShownExport, nowMs: number): number | null {
  if (progress.estimatedFinishAt === null) return null;
  const startMs = Date.parse(createdAt);
  const wholeMs = Date.parse(progress.estimatedFinishAt) - startMs;
  return wholeMs <= 0 ? nearlyDone : Math.min(nearlyDone, (nowMs - startMs) / wholeMs);
}

function describeFinish({ progress }: ShownExport, { words, format }: PageLocale): string {
  if (progress.estimatedFinishAt === null) return words.progress.unknown;
  const minutes = Math.ceil((Date.parse(progress.estimatedFinishAt) - Date.now()) / 60_000);
  if (minutes <= 0) return words.progress.soon;
  const left =
    minutes < 60
      ? words.progress.minutes(minutes)
      : words.progress.hours(Math.floor(minutes / 60), minutes % 60);
  return words.progress.finishAt(format.clock(progress.estimatedFinishAt), left);
}

function describeStart({ createdAt }: ShownExport, { format }: PageLocale): string {
  const isToday = calendarDayOf(createdAt) === calendarDayOf(Date.now());
  return isToday ? format.clock(createdAt) : format.moment(createdAt);
}

function describeStage({ progress }: ShownExport, { words, format, perMinute }: RatedLocale): string {
  const waitMs = progress.waitingUntil === null ? 0 : Date.parse(progress.waitingUntil) - Date.now();
  if (waitMs > 0)
    return words.progress.waiting(
      perMinute === null ? null : format.count(perMinute),
      Math.ceil(waitMs / 1000),
    );
  return progress.pages === 0 ? words.progress.starting : words.progress.reading;
}

/**
 * Announces each stage to screen readers once, although the text of the stage counts down every second. Announces a wait
 * again when the rate limit becomes known.
 */
function makeAnnouncer({
  announce,
  locale: { words, format },
}: ViewContext): (seen: ShownExport, stage: string, perMinute: number | null) => void {
  let announced = "";
  return ({ progress }, stage, perMinute) => {
    const key = progress.waitingUntil === null ? stage : `${progress.waitingUntil} ${perMinute}`;
    if (key === announced) return;
    announced = key;
    const counts = words.progress.announce(format.count(progress.pages), format.count(progress.offers));
    announce(progress.pages === 0 ? stage : `${counts} ${stage}`);
  };
}
