/** A field whose value is fixed or comes from the message, the context, the environment or an expression. */
import { offerLookup, withLookup, type Lookup } from "./lookup";

/** Makes `#node-input-<name>` a typed field that keeps its type in `#node-input-<name>Type`. */
export function typedField(name: string, types: (string | TypedInputType)[], lookup?: Lookup): void {
  const field = $(`#node-input-${name}`);
  let open = (): void => undefined;
  field.typedInput({
    types: lookup === undefined ? types : types.map((type) => withLookup(type, () => open())),
    typeField: $(`#node-input-${name}Type`),
  });
  // The label belongs to the hidden original; the visible controls need the name also.
  const label = `node-input-${name}-label`;
  $(`label[for="node-input-${name}"]`).attr("id", label);
  field.next(".red-ui-typedInput-container").find("input, button").attr("aria-labelledby", label);
  if (lookup !== undefined) open = offerLookup(field, label, lookup);
}
