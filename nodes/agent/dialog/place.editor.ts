/** Where the agent is: this machine, a simulator node of this Node-RED, or anywhere else. It fills in fields, and is none itself. */
import { defaultsOf } from "../../shared/properties";
import { PROPERTIES } from "../properties";

const FIELDS = ["host", "port", "registrationPort", "serverName", "caSource", "caFile"] as const;
/** What a place stands for, as properties of the agent node. */
type Place = Record<(typeof FIELDS)[number], string>;

const LOCAL: Place = defaultsOf(PROPERTIES);
const ELSEWHERE = "elsewhere";

interface Offer {
  place: Place;
  label: string;
  /** It runs only after the next deploy. */
  isToCome: boolean;
}

/**
 * Fills `list` with the places, chooses the one that the fields say, and lets a choice fill in the fields. A node that is
 * made in a workspace with a simulator is for that simulator.
 */
export function offerPlaces(list: JQuery, texts: Translate, isNew: boolean): void {
  const offers = new Map<string, Offer>([
    ["local", { place: LOCAL, label: texts("place.local"), isToCome: false }],
    ...simulators(texts),
  ]);
  for (const [value, { label }] of offers) list.append($("<option>").val(value).text(label));
  list.append($("<option>").val(ELSEWHERE).text(texts("place.elsewhere")));

  const fill = (): void => {
    const place = offers.get(String(list.val()))?.place;
    if (place === undefined) return;
    for (const field of FIELDS) control(field).val(place[field]).trigger("change");
  };
  const show = (): void => {
    const offer = offers.get(String(list.val()));
    $("#teamviewer-iot-agent-elsewhere").toggle(offer === undefined);
    $("#teamviewer-iot-agent-to-come").toggle(offer?.isToCome === true);
  };
  const simulator = [...offers.keys()].find((value) => value !== "local");
  list.val(isNew && simulator !== undefined ? simulator : current(offers));
  if (isNew) fill();
  list.on("change", () => {
    fill();
    show();
    // A simulator is there for trying things out: nobody has to think of registering.
    if (offers.get(String(list.val()))?.place !== LOCAL && list.val() !== ELSEWHERE) registerAlone();
  });
  if (isNew && simulator !== undefined) registerAlone();
  show();
}

function simulators(texts: Translate): [string, Offer][] {
  return simulatorNodes().map((node) => {
    const place = placeOf(node);
    const name = (node.name as string) || texts("place.unnamed", { port: place.port });
    return [node.id, { place, label: texts("place.simulator", { name }), isToCome: node.changed === true }];
  });
}

/** The simulators of this workspace that are not switched off. */
export function simulatorNodes(): LoadedNode[] {
  return RED.nodes.filterNodes({ type: "teamviewer-iot-simulator" }).filter(({ d }) => d !== true);
}

/** Where an agent node finds a simulator. */
export function placeOf(simulator: LoadedNode): Place {
  const text = (name: string): string => String((simulator[name] as string | undefined) ?? "");
  const directory = text("directory") || "teamviewer-iot/simulator";
  const host = text("host");
  return {
    // A simulator that listens everywhere is reached here, too.
    host: host === "0.0.0.0" || host === "::" ? "localhost" : host,
    port: text("port"),
    registrationPort: text("registrationPort"),
    serverName: "",
    caSource: "file",
    caFile: `${directory.replace(/\/+$/, "")}/TeamViewerAuthority.crt`,
  };
}

/** The place whose fields these are. */
function current(offers: ReadonlyMap<string, Offer>): string {
  for (const [value, { place }] of offers) {
    if (FIELDS.every((field) => control(field).val() === place[field])) return value;
  }
  return ELSEWHERE;
}

function registerAlone(): void {
  if ($("#node-config-input-identity").val() === "managed")
    $("#node-config-input-autoRegister").prop("checked", true).trigger("change");
}

const control = (field: string): JQuery => $(`#node-config-input-${field}`);
