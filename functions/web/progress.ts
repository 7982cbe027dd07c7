import type { App } from "./app.ts";
import type { Export } from "./client.ts";
import { make } from "./element.ts";
import type { Speech } from "./speech.ts";

export type ProgressPanel = { element: HTMLElement; tell: (seen: Export) => void; tellLost: () => void };

/** How far an export has come. It goes on counting down between two sightings, until the view ends. */
export function makeProgress(app: App): ProgressPanel {
  const { words } = app.speech;
  const bar = make("progress", { "aria-label": words.progress.bar, max: 1 });
  const [pages, offers, finish] = [make("dd"), make("dd"), make("dd")];
  const stage = make("p", { class: "stage" });
  const element = make(
    "div",
    { class: "progress" },
    bar,
    make(
      "dl",
      { class: "facts" },
      make("div", {}, make("dt", {}, words.progress.pages), pages),
      make("div", {}, make("dt", {}, words.progress.offers), offers),
      make("div", {}, make("dt", {}, words.progress.finish), finish),
    ),
    stage,
  );
  let seen: Export | null = null;
  let isLost = false;
  const announce = makeAnnouncer(app);

  function refresh(): void {
    if (seen === null) return;
    const { progress } = seen;
    pages.textContent = app.speech.format.count(progress.pages);
    offers.textContent = app.speech.format.count(progress.offers);
    finish.textContent = describeFinish(seen, app.speech);
    stage.textContent = isLost
      ? words.progress.lost
      : describeStage(seen, { ...app.speech, limit: app.memory.perMinute });
    advance(bar, estimateShare(seen, Date.now()));
  }

  const timer = setInterval(refresh, 1000);
  app.signal.addEventListener("abort", () => clearInterval(timer));
  return {
    element,
    tell(next) {
      seen = next;
      isLost = false;
      refresh();
      announce(next, stage.textContent);
    },
    tellLost() {
      isLost = true;
      refresh();
      if (seen !== null) announce(seen, stage.textContent);
    },
  };
}

/** Never back: what has been reached was reached. */
function advance(bar: HTMLProgressElement, share: number | null): void {
  if (share !== null) bar.value = Math.max(bar.value, share);
}

const nearlyDone = 0.98;

/** By the time that has gone and the time that is left; null as long as nobody knows. */
function estimateShare({ createdAt, progress }: Export, nowMs: number): number | null {
  if (progress.estimatedFinishAt === null) return null;
  const startMs = Date.parse(createdAt);
  const wholeMs = Date.parse(progress.estimatedFinishAt) - startMs;
  return wholeMs <= 0 ? nearlyDone : Math.min(nearlyDone, (nowMs - startMs) / wholeMs);
}

function describeFinish({ progress }: Export, { words, format }: Speech): string {
  if (progress.estimatedFinishAt === null) return words.progress.unknown;
  const minutes = Math.ceil((Date.parse(progress.estimatedFinishAt) - Date.now()) / 60_000);
  if (minutes <= 0) return words.progress.soon;
  const left =
    minutes < 60
      ? words.progress.minutes(minutes)
      : words.progress.hours(Math.floor(minutes / 60), minutes % 60);
  return words.progress.finishAt(format.clock(progress.estimatedFinishAt), left);
}

function describeStage(
  { progress }: Export,
  { words, format, limit }: Speech & { limit: number | null },
): string {
  const waitMs = progress.waitingUntil === null ? 0 : Date.parse(progress.waitingUntil) - Date.now();
  if (waitMs > 0)
    return words.progress.waiting(limit === null ? null : format.count(limit), Math.ceil(waitMs / 1000));
  return progress.pages === 0 ? words.progress.starting : words.progress.reading;
}

/** Speaks when something else has begun, not at every second of it. */
function makeAnnouncer({ announce, speech: { words, format } }: App): (seen: Export, stage: string) => void {
  let told = "";
  return ({ progress }, stage) => {
    const key = progress.waitingUntil ?? stage;
    if (key === told) return;
    told = key;
    const counts = words.progress.announce(format.count(progress.pages), format.count(progress.offers));
    announce(progress.pages === 0 ? stage : `${counts} ${stage}`);
  };
}
