/** Fields for PEM text: pasted, dropped, or read from files of the person who edits. */
import { splitPem } from "./pem-text";

/** Where certificates and a key go; without a place for keys, a key goes nowhere. */
export interface PemFields {
  certificate: JQuery;
  key?: JQuery;
}

/** Lets the button take files. */
export function loadFromFile(button: JQuery, fields: PemFields): void {
  button.on("click", () => {
    const chooser = $<HTMLInputElement>('<input type="file" multiple accept=".pem,.crt,.cer,.key">');
    chooser.on("change", () => void takeFiles(chooser[0]?.files, fields));
    chooser.trigger("click");
  });
}

/** Lets files be dropped on an area, and a pasted text that holds both go where its parts belong. */
export function takeDropped(area: JQuery, fields: PemFields, taken: () => void = () => undefined): void {
  area.on("dragover", (event) => {
    event.preventDefault();
    area.addClass("teamviewer-iot-dropping");
  });
  area.on("dragleave drop", () => area.removeClass("teamviewer-iot-dropping"));
  area.on("drop", (event) => {
    const files = event.originalEvent?.dataTransfer?.files;
    if (files === undefined || files.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    void takeFiles(files, fields).then((some) => some && taken());
  });
  fields.certificate.add(fields.key ?? $()).on("paste", (event) => {
    const pasted = (event.originalEvent as ClipboardEvent | undefined)?.clipboardData?.getData("text") ?? "";
    const { certificate, key } = splitPem(pasted);
    if (certificate === "" || key === "") return;
    event.preventDefault();
    fill(fields, pasted);
  });
}

async function takeFiles(files: FileList | null | undefined, fields: PemFields): Promise<boolean> {
  const texts = await Promise.all([...(files ?? [])].map((file) => file.text()));
  return fill(fields, texts.join("\n"));
}

function fill({ certificate, key }: PemFields, text: string): boolean {
  const found = splitPem(text);
  // What is no PEM text is shown all the same, so that its validator says so.
  if (found.certificate === "" && found.key === "") found.certificate = text;
  const enter = (field: JQuery, value: string): void =>
    void field.val(value).trigger("input").trigger("change");
  if (found.certificate !== "") enter(certificate, found.certificate);
  if (found.key !== "" && key !== undefined) enter(key, found.key);
  return found.certificate !== "" || (found.key !== "" && key !== undefined);
}

/**
 * A secret that never comes back from the runtime: the visible field stays empty and only replaces what is stored.
 * A password input would do, but it takes no line breaks, and PEM text is made of lines.
 */
export function replaceSecret(visible: JQuery, credential: JQuery, whenStored: string): void {
  const stored = String(credential.val() ?? "");
  if (stored !== "") visible.attr("placeholder", whenStored);
  visible.on("input change", () => {
    const entered = String(visible.val() ?? "").trim();
    credential.val(entered === "" ? stored : `${entered}\n`).trigger("change");
  });
}
