/** Elements in a line: every text goes in as text, so that a name from an agent is never markup. */

type Child = Node | string | undefined;
type Attributes = Record<string, string | number | boolean | undefined | ((event: never) => void)>;

/** `on…` are listeners, `true` is an attribute without a value, `undefined` and `false` are left out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

export function icon(name: string): HTMLElement {
  return element("i", { class: `fa fa-fw ${name}`, "aria-hidden": "true" });
}

/** A curve in the colour of the text beside it. */
export function drawing(path: string, width: number, height: number): SVGSVGElement {
  const NAMESPACE = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(NAMESPACE, "svg");
  const line = document.createElementNS(NAMESPACE, "path");
  const box = {
    class: "teamviewer-iot-curve",
    viewBox: `-1 -1 ${width + 2} ${height + 2}`,
    width,
    height,
    "aria-hidden": "true",
  };
  for (const [name, value] of Object.entries(box)) svg.setAttribute(name, String(value));
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}
