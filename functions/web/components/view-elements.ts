type Attribute = string | number | boolean | ((event: Event) => void);
type Attributes = Record<string, Attribute>;
type Child = Node | string | null;

/** Text goes in as text: nothing that a server said is ever read as markup. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  return furnish(document.createElement(name), attributes, children);
}

/** The same for a drawing. */
export function draw<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Name] {
  return furnish(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function furnish<T extends Element>(element: T, attributes: Attributes, children: Child[]): T {
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** False leaves an attribute out; a function listens to the event of that name. */
function setAttribute(element: Element, name: string, value: Attribute): void {
  if (typeof value === "function") return element.addEventListener(name, value);
  if (value === false) return;
  element.setAttribute(name, value === true ? "" : String(value));
}
