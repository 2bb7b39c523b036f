/** Work that goes step by step, as a person sees it: a line for each step as it happens. */

/** A step that begins, goes on or has ended, in words. */
export interface ShownStep {
  step: string;
  outcome: "begun" | "passed" | "skipped" | "failed";
  label: string;
  /** How it is, for those who do not see the icon. */
  spoken: string;
  /** At the end of the line: how long it took, or how far it is. */
  aside?: string;
  /** Below it, small. */
  facts?: string;
}

const ICONS = { begun: "fa-circle-o-notch", passed: "fa-check", skipped: "fa-minus", failed: "fa-times" };

/** What was seen comes from the other side, and is only ever text. */
export function showStep(
  list: JQuery,
  { step, outcome, label, spoken, aside = "", facts = "" }: ShownStep,
): void {
  let row = list.children(`[data-step="${step}"]`);
  if (row.length === 0) row = $("<li>").attr("data-step", step).appendTo(list);
  row
    .attr("data-outcome", outcome)
    .empty()
    .append(
      $("<i>")
        .addClass(`fa fa-fw ${ICONS[outcome]}`)
        .toggleClass("fa-spin", outcome === "begun")
        .attr("aria-hidden", "true"),
      $("<span>").addClass("teamviewer-iot-step").text(label),
      $("<span>").addClass("teamviewer-iot-outcome").text(spoken),
      $("<span>").addClass("teamviewer-iot-time").text(aside),
      $("<span>").addClass("teamviewer-iot-facts").text(facts),
    );
}
