/**
 * Messages that do not let themselves be changed or cloned: frozen ones, getters, Proxies, what is nested without end.
 * What can be told of them is told with a message of our own, which has their properties as far as they can be had.
 */
import type { Message, NodeAPI } from "./node-red";

type Properties = Record<string, unknown>;

/** The message, changed; a copy of it where it cannot be changed itself. `change` throws where it has not come about. */
export function changed(message: Message, change: (message: Message) => void): Message {
  try {
    change(message);
    return message;
  } catch {
    const copy = shallowCopy(message);
    change(copy);
    return copy;
  }
}

/** Sets these properties, where `undefined` takes one away; throws where a setter swallows what it is given. */
export function setAll(message: Message, set: Readonly<Properties>): void {
  // Neither entries nor a set made of two: both cost more than all the rest of a message's end.
  for (const name in set) setOne(message, name, set[name]);
}

export function setOne(message: Message, name: string, value: unknown): void {
  const properties = message as unknown as Properties;
  if (value !== undefined) properties[name] = value;
  else if (name in properties) delete properties[name];
  if (!Object.is(properties[name], value)) throw new TypeError(`${name} cannot be set`);
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
