/** Fields for PEM text: pasted, or read from a file of the person who edits. */

/** Lets the button put the text of a chosen file into the field. */
export function loadFromFile(button: JQuery, field: JQuery): void {
  button.on("click", () => {
    const chooser = $<HTMLInputElement>('<input type="file" accept=".pem,.crt,.cer,.key">');
    chooser.on("change", () => {
      const file = chooser[0]?.files?.[0];
      if (file === undefined) return;
      void file.text().then((text) => field.val(text).trigger("input").trigger("change"));
    });
    chooser.trigger("click");
  });
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
