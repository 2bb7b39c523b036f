/** From the explorer onto the canvas: a sensor or a metric becomes a node that is already set. */
import type { Place } from "./tree";

/** A type of our own: what is dropped as text, Node-RED would hang on the pointer until the next click. */
const TYPE = "application/x-teamviewer-iot";

export type Kind = "push" | "livedata";

/** The node that a place becomes; `x` and `y` on the canvas. */
function nodeFor({ agent, sensor = "", metric }: Place, kind: Kind, x: number, y: number): object {
  const set = kind === "push" ? { metric: metric ?? "", metricType: "str" } : {};
  return {
    id: RED.nodes.id(),
    type: `teamviewer-iot-${kind}`,
    z: RED.workspaces.active(),
    x,
    y,
    wires: [[], []],
    agent,
    sensor,
    sensorType: "str",
    ...set,
  };
}

export function startDrag(event: DragEvent, place: Place, kind: Kind): void {
  if (event.dataTransfer === null) return;
  event.dataTransfer.effectAllowed = "copy";
  event.dataTransfer.setData(TYPE, JSON.stringify({ place, kind }));
}

/** Takes what is dropped on the canvas; with Alt a push becomes a livedata node. */
export function takeDrops(): void {
  const canvas = document.querySelector<HTMLElement>("#red-ui-workspace-chart");
  if (canvas === null) return;
  canvas.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes(TYPE) !== true || RED.workspaces.isLocked()) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  canvas.addEventListener("drop", (event) => {
    const data = event.dataTransfer?.getData(TYPE) ?? "";
    if (data === "") return;
    event.preventDefault();
    event.stopPropagation();
    const { place, kind } = JSON.parse(data) as { place: Place; kind: Kind };
    const scale = RED.view.scale();
    const box = canvas.getBoundingClientRect();
    const x = (event.clientX - box.left + canvas.scrollLeft) / scale;
    const y = (event.clientY - box.top + canvas.scrollTop) / scale;
    put(nodeFor(place, event.altKey ? "livedata" : kind, x, y));
  });
}

/** In the middle of what is seen of the canvas, for whoever has no mouse. */
export function putInView(place: Place, kind: Kind): void {
  if (RED.workspaces.isLocked()) return;
  const canvas = document.querySelector<HTMLElement>("#red-ui-workspace-chart");
  if (canvas === null) return;
  const scale = RED.view.scale();
  const x = (canvas.scrollLeft + canvas.clientWidth / 2) / scale;
  const y = (canvas.scrollTop + canvas.clientHeight / 2) / scale;
  put(nodeFor(place, kind, x, y));
}

function put(node: object): void {
  const options = {
    generateIds: false,
    addFlow: false,
    touchImport: true,
    notify: false,
    applyNodeDefaults: true,
  };
  RED.view.importNodes([node], options);
}
