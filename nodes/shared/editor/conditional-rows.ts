/** Rows that belong to one choice of a list: `data-when="operation: update delete"` in the markup. */

/** Both kinds of dialog can be open at once, a configuration node's above that of the node which uses it. */
const FORMS = { "node-input": "#dialog-form", "node-config-input": "#node-config-dialog-edit-form" };

export type Form = keyof typeof FORMS;

/** Shows each row only while the list that it names has one of the values that it names. */
export function followChoices(prefix: Form): void {
  const rows = $(FORMS[prefix]).find("[data-when]");
  const lists = new Set(rows.toArray().map((row) => condition(row).list));
  for (const list of lists) {
    const control = $(`#${prefix}-${list}`);
    const followers = rows.filter((_, row) => condition(row).list === list);
    const follow = () => {
      followers.each((_, row) => void $(row).toggle(condition(row).values.includes(String(control.val()))));
    };
    control.on("change", follow);
    follow();
  }
}

function condition(row: HTMLElement): { list: string; values: string[] } {
  const [list = "", values = ""] = (row.dataset.when ?? "").split(":");
  return { list, values: values.trim().split(" ") };
}
