/** What the palette nodes say of themselves in the same way. */
import { SHARED } from "../texts";

/** The look of a label: italic when the author has chosen the name. */
export function labelStyle(this: EditorNode): string {
  return this.name ? "node_label_italic" : "";
}

/** The second output of every node. */
export function errorLabel(): string {
  return RED._(`${SHARED}output.error`);
}
