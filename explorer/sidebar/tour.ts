/** Six steps from nothing to live values, in the editor itself: from the explorer, and from the help of each node. */

const STEPS = [
  { name: "simulator", element: '[data-palette-type="teamviewer-iot-simulator"]', direction: "right" },
  { name: "agent", element: '[data-palette-type="teamviewer-iot-register"]', direction: "right" },
  { name: "push", element: '[data-palette-type="teamviewer-iot-push"]', direction: "right" },
  { name: "livedata", element: '[data-palette-type="teamviewer-iot-livedata"]', direction: "right" },
  { name: "deploy", element: "#red-ui-header-button-deploy", direction: "bottom" },
  { name: "explorer", element: ".teamviewer-iot-explorer", direction: "left" },
] as const;

/** Of what is left out where Node-RED shows no tours. */
const SHOWN = "teamviewer-iot-tours";
const LINK = ".teamviewer-iot-tour a";

/** Node-RED's setting `editorTheme.tours`. */
export function hasTours(): boolean {
  return RED.settings.theme("tours", true) !== false;
}

/** The links in the help. */
export function offerTour(run: () => void): void {
  if (!hasTours()) return;
  document.documentElement.classList.add(SHOWN);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.target.closest(LINK) === null) return;
    event.preventDefault();
    run();
  });
}

/** `explorer`: the ID of the explorer's tab. */
export function runTour(word: (key: string) => string, explorer: string): void {
  RED.sidebar.show(explorer);
  const steps = STEPS.map(({ name, element, direction }) => ({
    // Shown in the middle where the element cannot be seen.
    ...(bringIntoView(element) ? { element, direction } : {}),
    title: { "en-US": word(`tour.title.${name}`) },
    description: { "en-US": word(`tour.text.${name}`) },
  }));
  // Node-RED takes a tour as a module by its address.
  const module = `
    const show = (selector) => selector && document.querySelector(selector)?.scrollIntoView({ block: "center" });
    const steps = ${JSON.stringify(steps)};
    export default { steps: steps.map((step) => ({ ...step, prepare() { show(step.element); } })) };`;
  const address = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
  RED.tourGuide.run(address, () => URL.revokeObjectURL(address));
}

/** Opens the category of the palette that a node is in; gives whether the element can be seen then. */
function bringIntoView(selector: string): boolean {
  const found = document.querySelector<HTMLElement>(selector);
  const category = found?.closest(".red-ui-palette-category");
  if (category?.classList.contains("red-ui-palette-closed") === true)
    category.querySelector<HTMLElement>(".red-ui-palette-header")?.click();
  return found !== null && found.getClientRects().length > 0;
}
