/** What we are to the agent: client ID, name, how long the certificate is valid, its fingerprint. Never the key. */
import { ask, failureOf, sentenceOf, tell } from "../../shared/editor/endpoints";
import { errorLink } from "../../shared/editor/error-link";
import type { Draft } from "./form.editor";

/** As far as it is known; times as ISO texts or milliseconds. */
export interface KnownIdentity {
  clientId?: string;
  name?: string;
  validTo?: string | number;
  fingerprint?: string;
}

const FACTS = ["clientId", "name", "validTo", "fingerprint"] as const;

export function showIdentity(identity: KnownIdentity, texts: Translate): void {
  if (identity.clientId === undefined) return;
  const card = $("#teamviewer-iot-agent-card").empty();
  for (const fact of FACTS) {
    const value = identity[fact];
    if (value === undefined || value === "") continue;
    const shown = fact === "validTo" ? new Date(value).toLocaleDateString() : String(value);
    card.append($("<dt>").text(texts(`card.${fact}`)), $("<dd>").attr("data-fact", fact).text(shown));
  }
  card.show();
  $("#teamviewer-iot-agent-no-card").hide();
}

/** What the runtime knows of the node, if it is deployed; and how this machine would be called. Gives whether it is. */
export async function lookAtRuntime(id: string, texts: Translate): Promise<boolean> {
  const { agents, clientName } = await ask<{ agents: { id: string }[]; clientName: string }>("agents");
  $("#node-config-input-clientName").attr("placeholder", clientName);
  if (!agents.some((agent) => agent.id === id)) return false;
  const { clientId, certificate } = await ask<{
    clientId?: string;
    certificate?: { validTo: number; fingerprint: string };
  }>(`agents/${encodeURIComponent(id)}`);
  if (clientId !== undefined) showIdentity({ clientId, ...certificate }, texts);
  return true;
}

/** Lets the button register at once, with what is in the form; what came of it is told beside it. */
export function offerRegistration(button: JQuery, texts: Translate, read: () => Draft): void {
  const result = $("#teamviewer-iot-agent-registered");
  button.on("click", () => {
    button.prop("disabled", true);
    result.removeAttr("data-outcome").text(texts("register.running"));
    const { id, definition } = read();
    tell<KnownIdentity>("register", { id, definition })
      .then(
        (identity) => {
          showIdentity(identity, texts);
          result.attr("data-outcome", "passed").text(texts("register.done"));
        },
        (thrown: unknown) => {
          const failure = failureOf(thrown);
          result.attr("data-outcome", "failed").text(`${sentenceOf(failure)} `);
          result.append(errorLink(failure) ?? "");
        },
      )
      .finally(() => button.prop("disabled", false));
  });
}
