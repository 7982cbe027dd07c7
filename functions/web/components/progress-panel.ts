import type { ShownExport } from "../client/api-client.ts";
import type { PageLocale } from "../words/page-format.ts";
import { make, type ViewContext } from "./view-elements.ts";

export type ProgressPanel = {
  element: HTMLElement;
  tell: (seen: ShownExport) => void;
  /** That no answer came, and another try will be made. */
  tellLost: () => void;
  /** How many requests the portal takes in a minute. */
  setPace: (perMinute: number) => void;
};

/** How far an export has come. It goes on counting down between two sightings, until the view ends. */
export function makeProgress(app: ViewContext): ProgressPanel {
  const { speech, signal } = app;
  const panel = makePanel(speech);
  const announce = makeAnnouncer(app);
  let seen: ShownExport | null = null;
  let isLost = false;
  let pace: number | null = null;

  function refresh(): void {
    if (seen !== null) fill(panel, seen, { ...speech, pace });
    if (isLost) panel.stage.textContent = speech.words.progress.lost;
  }

  const timer = setInterval(refresh, 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
  return {
    element: panel.element,
    tell(next) {
      seen = next;
      isLost = false;
      refresh();
      announce(next, panel.stage.textContent);
    },
    tellLost() {
      isLost = true;
      refresh();
      app.announce(speech.words.progress.lost);
    },
    setPace(perMinute) {
      pace = perMinute;
      refresh();
    },
  };
}

type Panel = ReturnType<typeof makePanel>;

function makePanel({ words: { progress } }: PageLocale) {
  const bar = make("progress", { "aria-label": progress.bar, max: 1 });
  const [pages, offers, finish] = [make("dd"), make("dd"), make("dd")];
  const stage = make("p", { class: "stage" });
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
    ),
    stage,
  );
  return { element, bar, pages, offers, finish, stage };
}

type Paced = PageLocale & { pace: number | null };

function fill({ bar, pages, offers, finish, stage }: Panel, seen: ShownExport, speech: Paced): void {
  const { progress } = seen;
  pages.textContent = speech.format.count(progress.pages);
  offers.textContent = speech.format.count(progress.offers);
  finish.textContent = describeFinish(seen, speech);
  stage.textContent = describeStage(seen, speech);
  advance(bar, estimateShare(seen, Date.now()));
}

/** Never back: what has been reached was reached. */
function advance(bar: HTMLProgressElement, share: number | null): void {
  if (share !== null) bar.value = Math.max(bar.value, share);
}

const nearlyDone = 0.98;

/** By the time that has gone and the time that is left; null as long as nobody knows. */
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

function describeStage({ progress }: ShownExport, { words, format, pace }: Paced): string {
  const waitMs = progress.waitingUntil === null ? 0 : Date.parse(progress.waitingUntil) - Date.now();
  if (waitMs > 0)
    return words.progress.waiting(pace === null ? null : format.count(pace), Math.ceil(waitMs / 1000));
  return progress.pages === 0 ? words.progress.starting : words.progress.reading;
}

/** Speaks when something else has begun, not at every second of it. */
function makeAnnouncer({
  announce,
  speech: { words, format },
}: ViewContext): (seen: ShownExport, stage: string) => void {
  let told = "";
  return ({ progress }, stage) => {
    const key = progress.waitingUntil ?? stage;
    if (key === told) return;
    told = key;
    const counts = words.progress.announce(format.count(progress.pages), format.count(progress.offers));
    announce(progress.pages === 0 ? stage : `${counts} ${stage}`);
  };
}
