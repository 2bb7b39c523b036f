/** The connection test as a person sees it: a line for each step as it happens, and one sentence at the end. */
import { failureOf, follow, sentenceOf } from "../../shared/editor/endpoints";
import { errorLink } from "../../shared/editor/error-link";
import type { Failure } from "../../shared/editor/failure";
import { showIdentity, type KnownIdentity } from "./identity-card.editor";
import type { Draft } from "./form.editor";
import { showStep } from "./steps.editor";

/** A line of `POST connection-test` (docs/endpoints.md). */
interface Line {
  step: string;
  outcome: "begun" | "passed" | "skipped" | "failed";
  milliseconds?: number;
  facts?: Facts;
  error?: Failure;
}

interface Facts extends KnownIdentity {
  addresses?: string[];
  port?: number;
  protocol?: string;
  certificate?: { subject: string; issuer: string; names: string; validFrom: string; validTo: string };
}

/** Lets the button try what is in the form; a second click begins anew. */
export function offerTest(button: JQuery, texts: Translate, read: () => Draft): void {
  const list = $("#teamviewer-iot-agent-steps");
  const verdict = $("#teamviewer-iot-agent-verdict");
  const tell = (outcome: "passed" | "failed", sentence: string): void =>
    void verdict.attr("data-outcome", outcome).text(sentence);
  const tellFailure = (failure: Failure): void => {
    tell("failed", `${sentenceOf(failure)} `);
    verdict.append(errorLink(failure) ?? "");
  };
  let stop = (): void => undefined;

  button.on("click", () => {
    stop();
    list.empty().show();
    verdict.removeAttr("data-outcome").text(texts("test.running"));
    let last: Line | undefined;
    let isStopped = false;
    const running = follow<Line>("connection-test", read(), (line) => {
      if (isStopped) return;
      last = line;
      showLine(list, line, texts);
      if (line.step === "identity" && line.outcome === "passed") showIdentity(line.facts ?? {}, texts);
    });
    stop = () => {
      isStopped = true;
      running.stop();
    };
    running.ended.then(
      () => {
        if (isStopped) return;
        if (last?.error !== undefined) tellFailure(last.error);
        else if (last?.step === "answer") tell("passed", texts("test.passed"));
        else if (last?.step === "identity" && last.outcome === "passed")
          tell("passed", texts("test.notRegistered"));
        else tell("failed", texts("test.interrupted"));
      },
      (thrown: unknown) => {
        if (!isStopped) tellFailure(failureOf(thrown));
      },
    );
  });
}

function showLine(list: JQuery, { step, outcome, milliseconds, facts }: Line, texts: Translate): void {
  const time = milliseconds === undefined ? undefined : Math.max(1, Math.round(milliseconds));
  showStep(list, {
    ...{ step, outcome },
    label: texts(`test.step.${step}`),
    spoken: texts(`test.outcome.${outcome}`),
    ...(time === undefined ? {} : { aside: texts("test.time", { time }) }),
    facts: describe(facts ?? {}, texts),
  });
}

/** What was seen; names come from the other side, and are only ever text. */
function describe(facts: Facts, texts: Translate): string {
  const { addresses, port, protocol, certificate, clientId } = facts;
  const parts = [
    addresses?.join(", "),
    port === undefined ? undefined : texts("test.fact.port", { port }),
    protocol,
    certificate === undefined
      ? undefined
      : texts("test.fact.certificate", {
          ...certificate,
          validTo: new Date(certificate.validTo).toLocaleDateString(),
        }),
    clientId,
  ];
  return parts.filter((part) => part !== undefined && part !== "").join(" · ");
}
