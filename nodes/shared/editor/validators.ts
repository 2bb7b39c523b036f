/**
 * Validators of the dialogs. Each gives `true` or the sentence for the person who edits.
 * A value that names an environment variable is left to the runtime, which reports one that is not set.
 */
import { CLIENT_NAME, ID, splitIds } from "../../../src/protocol/limits";
import type { Form } from "./conditional-rows";
import type { CheckName, Condition } from "../properties";
import { SHARED } from "../texts";

const ENVIRONMENT_VARIABLE = /^\$\{\S+\}$/;

/** What is wrong with a text that was entered as it is. */
type Check = (text: string) => Verdict;

// Node-RED shows a sentence only of a validator with two parameters, hence the unused ones below.

/** Checks a plain field. */
export function plain(check: Check): Validator {
  return (value, _options) => checkText(check, asText(value));
}

/** Checks a field in one way while a condition is met, otherwise in the other. */
export function checkedWhen(
  condition: Condition,
  form: Form,
  validator: Validator,
  otherwise: Validator,
): Validator {
  return function (value, options) {
    return (isMet(condition, form, this) ? validator : otherwise).call(this, value, options);
  };
}

/** Of a field that nobody sees: nobody could mend it. */
export const unchecked: Validator = (_value, _options) => true;

export function isMet(condition: Condition, form: Form, node: object): boolean {
  return Object.entries(condition).every(([other, choices]) =>
    choices.includes(asText(currentValue(node as Record<string, unknown>, `${form}-${other}`, other))),
  );
}

/** Checks a typed field: `check` what is entered as it is, Node-RED the other types. */
export function typed(name: string, check: Check = () => true): Validator {
  return function (value, options) {
    const type = asText(currentValue(this, `node-input-${name}Type`, `${name}Type`));
    const text = asText(value);
    if (type === "str") return checkText(check, text);
    return text === "" || RED.utils.validateTypedProperty(text, type, options);
  };
}

export function wholeNumber(least: number, most: number): Check {
  return (text) =>
    (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most) ||
    sentence("wholeNumber", { least, most });
}

export function decimal(least: number, most: number): Check {
  return (text) =>
    (text.trim() !== "" && Number(text) >= least && Number(text) <= most) ||
    sentence("decimal", { least, most });
}

const filled: Check = (text) => text.trim() !== "" || sentence("filled");

const pemCertificate: Check = (text) =>
  text.includes("-----BEGIN CERTIFICATE-----") || sentence("pemCertificate");

/** Of an identity that is kept with the flow's credentials: both parts are there, as far as the editor knows. */
export const identityComplete: Validator = function (_value, _options) {
  if (currentValue(this, "node-config-input-identity", "identity") !== "credentials") return true;
  const known = this.credentials as Record<string, unknown> | undefined;
  const isOpen = $("#node-config-input-teamviewerIotCertificate").length > 0;
  // What the runtime keeps is asked for only when a dialog opens.
  if (!isOpen && known === undefined) return true;
  const isThere = (name: string): boolean =>
    isOpen
      ? String($(`#node-config-input-${name}`).val() ?? "").trim() !== ""
      : Boolean(known?.[name]) || known?.[`has_${name}`] === true;
  return ["teamviewerIotCertificate", "teamviewerIotKey"].every(isThere) || sentence("identityIncomplete");
};

/** Empty, or a name with the characters that the API document allows. */
const clientName: Check = (text) => {
  if (text === "") return true;
  if (text.length > CLIENT_NAME.maxLength)
    return sentence("clientNameLength", { most: CLIENT_NAME.maxLength });
  return (
    CLIENT_NAME.pattern.test(text) || sentence("clientNameCharacters", { allowed: CLIENT_NAME.characters })
  );
};

/** Empty, or the ID of a sensor or metric with the characters that the API document allows. */
const identifier: Check = (text) =>
  text === "" ||
  ID.pattern.test(text) ||
  sentence("identifier", { allowed: ID.characters, most: ID.maxLength });

/** Empty, or one or several IDs with commas between them. */
export const identifiers: Check = (text) => {
  const verdicts = splitIds(text).map(identifier);
  return verdicts.find((verdict) => verdict !== true) ?? true;
};

/** What the tables of the nodes name. */
export const CHECKS: Readonly<Record<CheckName, Check>> = {
  identifier,
  clientName,
  filled,
  pemCertificate,
};

/** What is chosen in another field of the same palette node. */
export function currentChoice(node: Record<string, unknown>, property: string): unknown {
  return currentValue(node, `node-input-${property}`, property);
}

export function sentence(key: string, values?: Record<string, unknown>): string {
  return RED._(`${SHARED}validation.${key}`, values);
}

function checkText(check: Check, text: string): Verdict {
  return ENVIRONMENT_VARIABLE.test(text) || check(text);
}

/** What the open dialog shows, else what the node has: validators run in both situations. */
function currentValue(node: Record<string, unknown>, id: string, property: string): unknown {
  const control = $(`#${id}`);
  return control.length === 0 ? node[property] : control.val();
}

function asText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
