/**
 * A new client beside the old one: what there is to see of it, and what can be done next. The runtime does it, and knows
 * how far it is; the dialog can be closed and opened at any time.
 */
import { ask, failureOf, follow, sentenceOf, tell } from "../../shared/editor/endpoints";
import { download } from "../../shared/editor/download";
import type { Failure } from "../../shared/editor/failure";
import { showIdentity, type KnownIdentity } from "./identity-card.editor";
import { showStep } from "./steps.editor";

type Phase = "none" | "begun" | "prepared" | "swapped";
type Known = Required<Pick<KnownIdentity, "clientId" | "fingerprint">> & { validTo: string };

/** As `GET agents/:agent/new-client` answers it (docs/endpoints.md). */
interface View {
  phase: Phase;
  isPreparing: boolean;
  isUrgent: boolean;
  current?: Known;
  next?: Known;
  before?: Known;
  sensors: number;
  metrics: number;
  missing: number;
  translated: number;
}

/** A line of `POST agents/:agent/new-client/prepare`. */
interface Line {
  step: string;
  outcome: "begun" | "passed" | "failed";
  done?: number;
  of?: number;
  left?: { sensor: string; metric: string; error?: Failure }[];
  error?: Failure;
}

/** What is offered when; `files` are the two forms of the table. */
const OFFERED: Readonly<Record<Phase, readonly string[]>> = {
  none: ["name", "prepare"],
  begun: ["prepare", "discard"],
  prepared: ["files", "swap", "prepare", "discard"],
  swapped: ["files", "keeps", "back", "confirm"],
};
const MOST_NAMED = 5;

/** Of a node that runs, whose identity Node-RED keeps; and only to whoever may change something. */
export async function offerNewClient(agent: string, texts: Translate): Promise<void> {
  if (!RED.user.hasPermission("teamviewer-iot.write")) return;
  const address = `agents/${encodeURIComponent(agent)}/new-client`;
  const part = (name: string): JQuery => $(`#teamviewer-iot-agent-new-client-${name}`);
  const result = part("result");
  const say = (outcome: "passed" | "failed" | "", sentence: string): void =>
    void result.attr("data-outcome", outcome).text(sentence);
  let stop = (): void => undefined;

  const show = (view: View): void => {
    const { phase, current } = view;
    if (current === undefined) return;
    showIdentity(current, texts);
    part("state").text(describe(view, texts));
    for (const name of new Set(Object.values(OFFERED).flat()))
      part(name).toggle(OFFERED[phase].includes(name) && !view.isPreparing);
    part("stop").hide();
    const urgent = phase === "none" && view.isUrgent;
    part("details").prop("hidden", false);
    if (urgent || phase !== "none") part("details").prop("open", true);
  };
  const look = async (): Promise<void> => show(await ask<View>(address));

  part("prepare").on("click", () => {
    const list = part("steps").empty().show();
    say("", "");
    for (const name of ["name", "prepare", "discard"]) part(name).hide();
    part("stop").show();
    let last: Line | undefined;
    let isStopped = false;
    const clientName = String(part("input").val());
    const running = follow<Line>(`${address}/prepare`, { clientName }, (line) => {
      last = line;
      showStep(list, shown(line, texts));
    });
    stop = () => {
      isStopped = true;
      running.stop();
    };
    running.ended
      .then(
        () => {
          if (last?.error !== undefined) say("failed", sentenceOf(last.error));
          else if (last?.step === "table" && last.outcome === "passed")
            say("passed", texts("newClient.done"));
          else say("failed", texts("newClient.stopped"));
        },
        (thrown: unknown) =>
          say("failed", isStopped ? texts("newClient.stopped") : sentenceOf(failureOf(thrown))),
      )
      // What was stopped ends with the request that is in flight.
      .then(() => (isStopped ? new Promise((resolve) => setTimeout(resolve, 1000)) : undefined))
      .then(look)
      .catch(() => undefined);
  });
  part("stop").on("click", () => stop());

  for (const action of ["swap", "back", "confirm", "discard"]) {
    part(action).on("click", () => {
      const buttons = part("details").find("button").prop("disabled", true);
      part("steps").hide();
      say("", texts("newClient.running"));
      const keeps = part("keep").prop("checked") as boolean;
      tell<View>(address, { action, keeps })
        .then(
          (view) => {
            show(view);
            say("passed", texts(`newClient.after.${action}`));
          },
          (thrown: unknown) => say("failed", sentenceOf(failureOf(thrown))),
        )
        .finally(() => buttons.prop("disabled", false));
    });
  }
  for (const format of ["csv", "json"] as const) {
    part(format).on("click", () => {
      ask<string>(`${address}/ids?format=${format}`, "text").then(
        (text) => download(`teamviewer-iot-ids.${format}`, text, "text/plain;charset=utf-8"),
        (thrown: unknown) => say("failed", sentenceOf(failureOf(thrown))),
      );
    });
  }
  const name = $("#node-config-input-clientName");
  part("input").val(
    nextName(String(name.val()) || (name.attr("placeholder") ?? ""), new Date().getFullYear()),
  );
  await look();
}

/** A name that tells the new client from the old one in the agent's console: with the year in which it is made. */
export function nextName(name: string, year: number): string {
  const [, base = name, before] = /^(.+?)-(20\d\d)$/.exec(name) ?? [];
  return `${base.slice(0, 57)}-${before === String(year) ? `${year}-2` : year}`;
}

function describe(view: View, texts: Translate): string {
  const { phase, isUrgent, current, next, before, sensors, metrics, missing, translated } = view;
  const day = (known: Known | undefined): string =>
    known === undefined ? "" : new Date(known.validTo).toLocaleDateString();
  const values = {
    day: day(current),
    client: (phase === "swapped" ? current : next)?.clientId ?? "",
    before: before?.clientId ?? "",
    ...{ sensors, metrics, missing, translated },
  };
  const sentences = [
    ...(phase === "none" && isUrgent ? ["urgent"] : []),
    phase,
    ...(missing > 0 && (phase === "prepared" || phase === "swapped") ? ["missing"] : []),
  ];
  const text = sentences.map((sentence) => texts(`newClient.state.${sentence}`, values)).join(" ");
  // Japanese and Chinese have no space between sentences.
  return text.replaceAll("。 ", "。");
}

function shown(
  { step, outcome, done = 0, of = 0, left = [] }: Line,
  texts: Translate,
): Parameters<typeof showStep>[1] {
  const named = left.slice(0, MOST_NAMED).map(({ sensor, metric, error }) => {
    const why = error === undefined ? texts("newClient.unknown") : sentenceOf(error);
    return `${sensor} / ${metric}: ${why}`;
  });
  if (left.length > named.length) named.push("…");
  return {
    ...{ step, outcome },
    label: texts(`newClient.step.${step}`),
    spoken: texts(`test.outcome.${outcome}`),
    ...(of > 0 && outcome === "begun" ? { aside: texts("status.steps", { done, of }) } : {}),
    facts: named.join(" · "),
  };
}
