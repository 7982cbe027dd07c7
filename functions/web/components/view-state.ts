/**
 * The parts of a view that only its elements hold: which sections are open, and the values of the fields. A view in
 * another language has the same elements.
 */
export type ViewState = { open: Set<string>; fields: Map<string, string | boolean> };

export function captureViewState(view: HTMLElement): ViewState {
  return {
    open: new Set(listSections(view).flatMap(([key, section]) => (section.open ? [key] : []))),
    fields: new Map(listFields(view).map(([key, field]) => [key, readValue(field)])),
  };
}

/** Opens the sections and fills the fields as they were. Tells a form when one of its fields has changed. */
export function restoreViewState(view: HTMLElement, { open, fields }: ViewState): void {
  for (const [key, section] of listSections(view)) if (open.has(key)) section.open = true;
  const changed = new Set<HTMLFormElement>();
  for (const [key, field] of listFields(view)) {
    const value = fields.get(key);
    if (value === undefined || value === readValue(field)) continue;
    if (typeof value === "string") field.value = value;
    else if (field instanceof HTMLInputElement) field.checked = value;
    if (field.form !== null) changed.add(field.form);
  }
  for (const form of changed) form.dispatchEvent(new Event("input", { bubbles: true }));
}

type Field = HTMLInputElement | HTMLSelectElement;

/** Lists the sections that fold, each with its class and its place among the sections of this class. */
function listSections(view: HTMLElement): [string, HTMLDetailsElement][] {
  const sections = [...view.querySelectorAll("details")];
  return sections.map((section, index) => {
    const place = sections.slice(0, index).filter(({ className }) => className === section.className).length;
    return [`${section.className} ${place}`, section];
  });
}

/**
 * Lists the named fields. Leaves out the language of the file, which follows the language of the page until the reader
 * chooses one. A choice of language is one of the form's options.
 */
function listFields(view: HTMLElement): [string, Field][] {
  const fields = [...view.querySelectorAll<Field>(":is(input, select)[name]:not([name=language])")];
  return fields.map((field) => [isBox(field) ? `${field.name}=${field.value}` : field.name, field]);
}

function isBox(field: Field): field is HTMLInputElement {
  return field.type === "radio" || field.type === "checkbox";
}

function readValue(field: Field): string | boolean {
  return isBox(field) ? field.checked : field.value;
}
