/** The name of an error as a link to the page about it, for dialogs and the sidebar; a badge and a debug line take no links. */
import { errorPage } from "../texts";
import type { Failure } from "./failure";

/** Undefined where there is no such page. */
export function errorLink({ name }: Failure): HTMLElement | undefined {
  const address = errorPage(name);
  if (address === undefined) return undefined;
  const link = document.createElement("a");
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = name;
  return link;
}
