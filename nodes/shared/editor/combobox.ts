/**
 * A text field with a list of what could stand in it, after ARIA's pattern "combobox": opened by a button, the down arrow
 * or typing, which searches. Free text stays possible. It knows nothing of agents.
 */
import { splitIds } from "../../../src/protocol/limits";

export interface Choice {
  /** What is entered. */
  id: string;
  name: string;
  /** What else helps to choose. */
  facts: string;
}

/** `quiet`: nobody has asked, and no failure is worth it. `anew`: although it is known. */
export type Effort = "quiet" | "usual" | "anew";

export interface ComboboxOptions {
  /** What there is to choose from; rejects where that cannot be known. */
  read(this: void, effort: Effort): Promise<readonly Choice[]>;
  /** The sentence for a person of why `read` rejected. */
  sentenceOf(this: void, thrown: unknown): string;
  /** Whether the field takes part now; a typed field can have another type. */
  isActive(this: void): boolean;
  /** Whether the text may be several IDs, with commas between them. */
  isSeveral(this: void): boolean;
  texts: {
    reading: string;
    none: string;
    notFound: string;
    refresh: string;
    more: (shown: number, all: number) => string;
  };
}

/** Rows of the list; who wants more types more. */
const MOST = 50;

export class Combobox {
  private readonly popup = $("<div>").addClass("teamviewer-iot-choices").hide();
  private readonly list = $("<div>").attr({ role: "listbox", tabindex: -1 }).appendTo(this.popup);
  private readonly status = $("<span>").attr("role", "status");
  /** What was read last. */
  private choices: readonly Choice[] = [];
  private shown: readonly Choice[] = [];
  private active = -1;
  /** Counts what was asked for: only the last answer is shown. */
  private turn = 0;
  /** What is searched for; "" when the list was opened without typing. */
  private search = "";
  /** What a key does while the list is open; `false`: nothing. */
  private readonly keys: Readonly<Record<string, () => boolean | void>> = {
    ArrowDown: () =>
      this.isOpen ? this.mark(Math.min(this.active + 1, this.shown.length - 1)) : this.toggle(),
    ArrowUp: () => this.mark(Math.max(this.active - 1, 0)),
    Enter: () => this.pickActive(),
    Escape: () => this.close(),
  };

  constructor(
    private readonly input: JQuery,
    /** The list lies below it and is as wide. */
    private readonly anchor: JQuery,
    label: string,
    private readonly options: ComboboxOptions,
  ) {
    const id = `${label}-choices`;
    this.list.attr({ id, "aria-labelledby": label });
    const refresh = $("<button>")
      .attr({ type: "button", title: options.texts.refresh, "aria-label": options.texts.refresh })
      .addClass("red-ui-button red-ui-button-small")
      .append($("<i>").addClass("fa fa-refresh").attr("aria-hidden", "true"))
      .on("click", () => void this.show("anew"));
    this.popup.append($("<div>").addClass("teamviewer-iot-choices-foot").append(this.status, refresh));
    // Whoever clicks into the list keeps typing in the field.
    this.popup.on("mousedown", (event) => event.preventDefault());
    this.anchor.after(this.popup).parent().css("position", "relative");
    this.input.attr({ "aria-controls": id, "aria-autocomplete": "list", autocomplete: "off" });
    this.input.on("keydown", (event) => this.press(event));
    this.input.on("input", () => {
      if (!this.options.isActive()) return;
      this.search = this.typed();
      this.mark(-1);
      // Who types an ID is not disturbed before there is something to offer.
      void this.show(this.isOpen ? "usual" : "quiet");
    });
    this.anchor.add(this.popup).on("focusout", ({ relatedTarget }) => {
      if (!this.holds(relatedTarget)) this.close();
    });
    this.tellRole();
  }

  toggle(): void {
    if (this.isOpen) return this.close();
    this.input.trigger("focus");
    this.search = "";
    void this.show("usual");
  }

  close(): void {
    this.turn++;
    this.popup.hide();
    // Rows of before would be seen while they are read anew, and no key would take them.
    this.shown = [];
    this.list.empty();
    this.mark(-1);
    this.tellRole();
  }

  /** The field has another type now, or its first. */
  tellRole(): void {
    if (this.options.isActive()) this.input.attr({ role: "combobox", "aria-expanded": String(this.isOpen) });
    else this.input.removeAttr("role aria-expanded");
  }

  private holds(focused: unknown): boolean {
    const parts = this.anchor.add(this.popup).toArray();
    return focused instanceof Node && parts.some((part) => part.contains(focused));
  }

  private get isTypedInto(): boolean {
    return document.activeElement === this.input[0];
  }

  private get isOpen(): boolean {
    return this.popup.is(":visible");
  }

  private async show(effort: Effort): Promise<void> {
    const turn = ++this.turn;
    const isQuiet = effort === "quiet";
    const { read, sentenceOf, texts } = this.options;
    if (!isQuiet) {
      this.open();
      this.status.text(texts.reading);
    }
    try {
      const choices = await read(effort);
      if (turn !== this.turn) return;
      this.choices = choices;
      const isOffered = this.isTypedInto && choices.some((choice) => fits(choice, this.search));
      if (isQuiet && !isOffered) return;
      this.open();
      this.draw();
    } catch (thrown) {
      if (turn !== this.turn || isQuiet) return;
      this.choices = [];
      this.draw();
      this.status.text(sentenceOf(thrown));
    }
  }

  private open(): void {
    const { left, top } = this.anchor.position();
    this.popup
      .css({ left, top: top + (this.anchor.outerHeight(true) ?? 0), width: this.anchor.outerWidth() ?? "" })
      .show();
    this.popup[0]?.scrollIntoView({ block: "nearest" });
    this.tellRole();
  }

  private draw(): void {
    const { texts } = this.options;
    // Whoever has gone to a row stays there while the list is read.
    const active = this.shown[this.active]?.id;
    const found = this.choices.filter((choice) => fits(choice, this.search));
    this.shown = found.slice(0, MOST);
    if (this.choices.length === 0) this.status.text(texts.none);
    else if (found.length === 0) this.status.text(texts.notFound);
    else if (found.length > MOST) this.status.text(texts.more(MOST, found.length));
    else this.status.text("");
    const entered = new Set(this.entered());
    const isSeveral = this.options.isSeveral();
    this.list.attr("aria-multiselectable", isSeveral ? "true" : null).empty();
    for (const [index, choice] of this.shown.entries()) {
      const isEntered = entered.has(choice.id);
      const row = $("<div>")
        .attr({ role: "option", id: `${this.list.attr("id")}-${index}`, "aria-selected": String(isEntered) })
        .on("click", () => this.pick(choice))
        .appendTo(this.list);
      if (isSeveral)
        $("<i>")
          .addClass(`fa fa-fw ${isEntered ? "fa-check-square-o" : "fa-square-o"}`)
          .appendTo(row);
      describe(choice).appendTo(row);
    }
    this.mark(this.shown.findIndex(({ id }) => (active === undefined ? entered.has(id) : id === active)));
    this.popup[0]?.scrollIntoView({ block: "nearest" });
  }

  private press(event: JQuery.KeyDownEvent): void {
    // A combination with Ctrl is Node-RED's own.
    if (!this.options.isActive() || event.ctrlKey || event.metaKey) return;
    const act = this.isOpen || event.key === "ArrowDown" ? this.keys[event.key] : undefined;
    if (act === undefined || act() === false) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Without a row that was chosen, Enter is not ours. */
  private pickActive(): boolean {
    const choice = this.shown[this.active];
    if (choice !== undefined) this.pick(choice);
    return choice !== undefined;
  }

  private mark(index: number): void {
    this.active = index;
    const rows = this.list.children().removeClass("teamviewer-iot-active");
    const row = rows.eq(index);
    if (index < 0 || row.length === 0) return void this.input.removeAttr("aria-activedescendant");
    row.addClass("teamviewer-iot-active")[0]?.scrollIntoView({ block: "nearest" });
    this.input.attr("aria-activedescendant", row.attr("id") ?? "");
  }

  private pick({ id }: Choice): void {
    if (!this.options.isSeveral()) {
      this.enterText(id);
      return this.close();
    }
    // What was typed to find it is no ID.
    const others = this.entered().filter((entry) => entry !== id && entry !== this.search);
    this.enterText((this.entered().includes(id) ? others : [...others, id]).join(", "));
    this.search = "";
    this.draw();
    this.mark(this.shown.findIndex((choice) => choice.id === id));
  }

  private enterText(text: string): void {
    this.input.val(text).trigger("change").trigger("focus");
  }

  private entered(): string[] {
    const text = String(this.input.val() ?? "");
    return this.options.isSeveral() ? splitIds(text) : [text];
  }

  /** What is searched for: the whole text, or of several IDs the last. */
  private typed(): string {
    const text = String(this.input.val() ?? "");
    return (this.options.isSeveral() ? (text.split(",").at(-1) ?? "") : text).trim();
  }
}

function fits({ id, name }: Choice, search: string): boolean {
  return search === "" || `${id}\n${name}`.toLowerCase().includes(search.toLowerCase());
}

/** Names come from the agent, and are only ever text. */
function describe({ id, name, facts }: Choice): JQuery {
  const below = [name === "" || name === id ? "" : id, facts].filter((fact) => fact !== "").join(" · ");
  return $("<div>").append(
    $("<div>").text(name === "" ? id : name),
    $("<div>").addClass("teamviewer-iot-choice-facts").text(below),
  );
}
