/** A field whose value is fixed or comes from the message, the context, the environment or an expression. */

import { withLookup } from "./lookup";

/** Makes `#node-input-<name>` a typed field that keeps its type in `#node-input-<name>Type`. */
export function typedField(name: string, types: (string | TypedInputType)[]): void {
  const field = $(`#node-input-${name}`);
  field.typedInput({
    types: types.map((type) => withLookup(name, type)),
    typeField: $(`#node-input-${name}Type`),
  });
  // The label belongs to the hidden original; the visible controls need the name also.
  const label = $(`label[for="node-input-${name}"]`).attr("id", `node-input-${name}-label`);
  field
    .next(".red-ui-typedInput-container")
    .find("input, button")
    .attr("aria-labelledby", label.attr("id") ?? "");
}
