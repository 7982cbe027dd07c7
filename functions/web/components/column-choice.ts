import {
  type ColumnChoice,
  type ColumnName,
  listColumnNames,
  peopleOrder,
  showsEvidence,
} from "../../core/options/column-order.ts";
import type { RequestOptions } from "../client/api-client.ts";
import { makeChoices, makeGroup, readField } from "./form-fields.ts";
import { draw, make, type ViewContext } from "./view-elements.ts";

const sets = ["all", "short", "own"] as const;
type ColumnSet = (typeof sets)[number];

/** The columns of the set `short`: the facts that a bookkeeper enters or compares. */
const shortOrder: ColumnName[] = [
  "offerNumber",
  "customerName",
  "issuedAt",
  "amount",
  "currency",
  "status",
  "expiresAt",
  "decidedAt",
];

/** The options that decide which columns a file has when the reader chooses none. */
type FileKind = Omit<ColumnChoice, "columns">;

/**
 * Creates the choice of columns: a set, and for an own choice a list with a checkbox and two buttons for each column.
 * The list starts with the columns of the set that was chosen before, until the reader changes the list.
 */
export function makeColumnChoice(app: ViewContext, draft: RequestOptions): HTMLElement {
  const { form: words } = app.locale.words;
  const rows = new Map(peopleOrder.map((name) => [name, makeRow(app, name)]));
  const list = make("ol", { class: "columns", "aria-label": words.columns, "data-with": "columnSet=own" });
  arrange(list, rows, listInitial(draft));
  const choices = sets.map((value) => ({ value, text: words.columnSets[value] }));
  const group = makeGroup(
    "columns",
    words.columns,
    makeChoices("radio", "columnSet", choices, [findSet(draft)]),
    list,
  );
  let isChanged = draft.columns !== undefined;
  group.addEventListener("input", ({ target }) => {
    if (target instanceof Node && list.contains(target)) isChanged = true;
    if (isChanged || !(target instanceof HTMLInputElement) || target.value === "own") return;
    arrange(list, rows, target.value === "short" ? listShort(true) : peopleOrder);
  });
  return group;
}

/**
 * Returns the columns that are checked at first. Includes the evidence unless the reader has asked for it and left it
 * out, because the list does not show it to other readers.
 */
function listInitial({ columns = [...peopleOrder], evidence = false }: RequestOptions): ColumnName[] {
  return evidence ? columns : [...columns, ...peopleOrder.filter(isEvidence)];
}

function findSet({ columns, evidence = false }: RequestOptions): ColumnSet {
  if (columns === undefined) return "all";
  return isSame(columns, listShort(evidence)) ? "short" : "own";
}

/** The evidence has columns of its own, so a reader who asks for it gets them in the short set too. */
function listShort(evidence: boolean): ColumnName[] {
  return evidence ? [...shortOrder, ...peopleOrder.filter(isEvidence)] : shortOrder;
}

function isEvidence(name: ColumnName): boolean {
  return showsEvidence({ dialect: null, evidence: true, columns: [name] });
}

/**
 * Moves the columns of the evidence to the end of the checked ones, unless the list has all columns in their usual
 * order. Their hidden rows may be anywhere, because the buttons move other rows past them.
 */
export function placeEvidence(form: HTMLElement): void {
  const boxes = [...form.querySelectorAll<HTMLInputElement>(".columns input")];
  const checked = boxes.filter((box) => box.checked);
  if (checked.map(({ value }) => value).join() === peopleOrder.join()) return;
  const isEvidenceRow = (row: HTMLElement | null) => row?.dataset["with"] !== undefined;
  const rows = boxes.map((box) => box.closest("li")).filter((row) => row !== null);
  const last = checked.map((box) => box.closest("li")).findLast((row) => !isEvidenceRow(row));
  last?.after(...rows.filter(isEvidenceRow));
}

function isSame(some: readonly ColumnName[], others: readonly ColumnName[]): boolean {
  return some.join() === others.join();
}

/** Puts the chosen columns first, in their order, and checks them alone. */
function arrange(list: HTMLElement, rows: Map<ColumnName, HTMLElement>, chosen: readonly ColumnName[]): void {
  for (const name of new Set([...chosen, ...peopleOrder])) {
    const row = rows.get(name);
    const box = row?.querySelector("input");
    if (row === undefined || !box) continue;
    box.checked = chosen.includes(name);
    list.append(row);
  }
}

function makeRow(app: ViewContext, name: ColumnName): HTMLElement {
  const { form: words, columns: headings } = app.locale.words;
  const heading = headings[name];
  const row = make(
    "li",
    {},
    make(
      "label",
      {},
      make("input", { type: "checkbox", name: "column", value: name }),
      make("span", {}, heading),
    ),
  );
  const makeMove = (label: string, step: Step) =>
    make(
      "button",
      {
        type: "button",
        "aria-label": `${heading}: ${label}`,
        click: () => app.announce(words.describePlace(heading, ...move(row, step))),
      },
      drawArrow(step),
    );
  row.append(makeMove(words.moveUp, -1), makeMove(words.moveDown, 1));
  if (isEvidence(name)) row.dataset["with"] = "evidence=on";
  return row;
}

/** A move by one place: up or down. */
type Step = -1 | 1;

function drawArrow(step: Step): SVGElement {
  const d = step < 0 ? "M3 10l5-5 5 5" : "M3 6l5 5 5-5";
  return draw("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, draw("path", { d }));
}

/**
 * Moves the row by one place. Returns its new place and the number of places. Moves its neighbour in fact, because an
 * element that is moved loses the focus.
 */
function move(row: HTMLElement, step: Step): [place: number, places: number] {
  const shown = [...(row.parentElement?.querySelectorAll<HTMLElement>("li:not([hidden])") ?? [])];
  const index = shown.indexOf(row);
  const neighbour = shown[index + step];
  if (neighbour === undefined) return [index + 1, shown.length];
  if (step < 0) row.after(neighbour);
  else row.before(neighbour);
  row.dispatchEvent(new Event("input", { bubbles: true }));
  return [index + step + 1, shown.length];
}

/** Returns the chosen columns; undefined when they are all columns in the order of the file's format. */
export function readColumns(data: FormData, kind: FileKind): ColumnName[] | undefined {
  const all = listColumnNames({ ...kind, columns: null });
  const chosen = listChosen(data, kind, all);
  return isSame(chosen, all) ? undefined : chosen;
}

function listChosen(data: FormData, { evidence }: FileKind, all: ColumnName[]): ColumnName[] {
  const set = readField(data, "columnSet");
  if (set === "short") return listShort(evidence);
  if (set !== "own") return all;
  const checked = data.getAll("column").flatMap((value) => peopleOrder.filter((name) => name === value));
  return checked.filter((name) => evidence || !isEvidence(name));
}
