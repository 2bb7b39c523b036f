/** Asks the runtime for what only it knows. Addresses are relative, so that Node-RED adds its root and who we are. */
import { sentenceOf as sentence, shortReasonOf } from "../../../src/protocol/words";
import { SHARED } from "../texts";
import type { Failure } from "./failure";

const PATH = "teamviewer-iot/";

/** What a call that failed rejects with. */
class Refusal extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** GET of JSON, or of a text as it is. Rejects with what `failureOf` reads. */
export function ask<T>(path: string, dataType: "json" | "text" = "json"): Promise<T> {
  return send<T>({ url: PATH + path, method: "GET", dataType });
}

/** POST of JSON. Rejects with what `failureOf` reads. */
export function tell<T>(path: string, body: object): Promise<T> {
  return send<T>(posting(path, body));
}

/** POST of JSON whose answer comes line by line. Resolves when it has ended; `stop` ends it before. */
export function follow<T>(
  path: string,
  body: object,
  onLine: (line: T) => void,
): { ended: Promise<void>; stop: () => void } {
  let read = 0;
  const readLines = (text: string): void => {
    for (let end = text.indexOf("\n", read); end >= 0; end = text.indexOf("\n", read)) {
      const line = text.slice(read, end);
      read = end + 1;
      onLine(JSON.parse(line) as T);
    }
  };
  const request = new XMLHttpRequest();
  request.onprogress = () => readLines(request.responseText);
  const sent = $.ajax({ ...posting(path, body), dataType: "text", xhr: () => request });
  return {
    ended: new Promise((resolve, reject) => {
      sent.then(
        (text: string) => {
          readLines(text);
          resolve();
        },
        (answer: JQuery.jqXHR) => reject(refusal(answer)),
      );
    }),
    stop: () => sent.abort(),
  };
}

/** The sentence of a failure, in the language of the editor. */
export function sentenceOf(failure: Failure): string {
  return sentence(failure, text);
}

/** What is to be told of something that was thrown. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Refusal) return thrown.failure;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { name: "Error", textKey: "Error", details: {}, message };
}

/** Some words for a failure, as a badge has them. */
export function shortReason(failure: Failure): string {
  return shortReasonOf(failure, text);
}

/** A text of the catalogue that all nodes share; `undefined` where it has none. */
function text(key: string, values: Readonly<Record<string, string | number>>): string | undefined {
  const found: unknown = RED._(SHARED + key, values);
  return typeof found !== "string" || found.endsWith(key) ? undefined : found;
}

function posting(path: string, body: object): JQuery.AjaxSettings {
  return { url: PATH + path, method: "POST", contentType: "application/json", data: JSON.stringify(body) };
}

function send<T>(settings: JQuery.AjaxSettings): Promise<T> {
  return new Promise((resolve, reject) => {
    $.ajax({ dataType: "json", ...settings }).then(resolve as never, (answer: JQuery.jqXHR) =>
      reject(refusal(answer)),
    );
  });
}

function refusal({ status, responseJSON, responseText }: JQuery.jqXHR): Refusal {
  const { error } = (responseJSON ?? parsed(responseText) ?? {}) as { error?: Failure };
  if (error !== undefined) return new Refusal(error);
  const name = status === 401 ? "NotAllowed" : "EditorOffline";
  return new Refusal({ name, textKey: name, details: {}, message: name });
}

function parsed(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? "");
  } catch {
    return undefined;
  }
}
