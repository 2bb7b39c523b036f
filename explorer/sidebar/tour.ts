/** Six steps from nothing to live values, in the editor itself. */

const STEPS = [
  { name: "simulator", element: '[data-palette-type="teamviewer-iot-simulator"]', direction: "right" },
  { name: "agent", element: '[data-palette-type="teamviewer-iot-register"]', direction: "right" },
  { name: "push", element: '[data-palette-type="teamviewer-iot-push"]', direction: "right" },
  { name: "livedata", element: '[data-palette-type="teamviewer-iot-livedata"]', direction: "right" },
  { name: "deploy", element: "#red-ui-header-button-deploy", direction: "bottom" },
  { name: "explorer", element: ".teamviewer-iot-explorer", direction: "left" },
] as const;

export function runTour(word: (key: string) => string): void {
  const steps = STEPS.map(({ name, element, direction }) => ({
    // Shown in the middle where the element cannot be seen.
    ...(document.querySelector(element) === null ? {} : { element, direction }),
    title: { "en-US": word(`tour.title.${name}`) },
    description: { "en-US": word(`tour.text.${name}`) },
  }));
  // Node-RED takes a tour as a module by its address.
  const module = `export default ${JSON.stringify({ steps })};`;
  const address = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
  RED.tourGuide.run(address, () => URL.revokeObjectURL(address));
}
