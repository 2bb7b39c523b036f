/**
 * Messages that do not let themselves be changed or cloned: frozen ones, getters, Proxies, what is nested without end.
 * What can be told of them is told with a message of our own, which has their properties as far as they can be had.
 */
import type { Message, NodeAPI } from "./node-red";

type Properties = Record<string, unknown>;

/** The message with these properties, where `undefined` takes one away; a copy of it where it cannot be changed itself. */
export function withProperties(message: Message, set: Readonly<Properties>): Message {
  try {
    return setAll(message, set);
  } catch {
    return setAll(shallowCopy(message), set);
  }
}

/** A message with the same properties, without those that cannot be read. */
export function shallowCopy(message: Message): Message {
  return Object.fromEntries(entriesOf(message));
}

/** Node-RED clones a message for each further wire: the message, or what can be cloned of it. */
export function cloneable(RED: NodeAPI, message: Message): Message {
  // Where Node-RED fails to clone a message, it has taken away `req` and `res` for good.
  const before = shallowCopy(message);
  return canBeCloned(RED, message) ? message : cloneablePart(RED, before);
}

/** A message with the properties that Node-RED can clone. */
export function cloneablePart(RED: NodeAPI, message: Message): Message {
  return Object.fromEntries(
    entriesOf(message).filter(([name, value]) => HTTP.has(name) || canBeCloned(RED, { value })),
  );
}
/** Node-RED hands these on as they are; a Catch node needs them to end a request of an HTTP node. */
const HTTP: ReadonlySet<string> = new Set(["req", "res"]);

function canBeCloned(RED: NodeAPI, value: Message): boolean {
  try {
    RED.util.cloneMessage(value);
    return true;
  } catch {
    return false;
  }
}

/** Throws where that has not come about: a setter can swallow what it is given. */
function setAll(message: Message, set: Readonly<Properties>): Message {
  const properties = message as unknown as Properties;
  for (const [name, value] of Object.entries(set)) {
    if (value === undefined) delete properties[name];
    else properties[name] = value;
    if (!Object.is(properties[name], value)) throw new TypeError(`${name} cannot be set`);
  }
  return message;
}

function entriesOf(message: object): [string, unknown][] {
  return keysOf(message).flatMap((name): [string, unknown][] => {
    try {
      return [[name, (message as Properties)[name]]];
    } catch {
      return [];
    }
  });
}

function keysOf(message: object): string[] {
  try {
    return Object.keys(message);
  } catch {
    return [];
  }
}
