/** Requests that end when a signal is aborted. A signal gets one listener: one for each request costs as much as to send it. */
import type { PendingRequest } from "./request";

export class Aborts {
  private readonly bySignal = new WeakMap<AbortSignal, Set<PendingRequest>>();

  constructor(private readonly abort: (request: PendingRequest) => void) {}

  /** Until the request ends. */
  watch(signal: AbortSignal, request: PendingRequest): void {
    let requests = this.bySignal.get(signal);
    if (requests === undefined) {
      const watched = (requests = new Set<PendingRequest>());
      this.bySignal.set(signal, watched);
      signal.addEventListener("abort", () => [...watched].forEach(this.abort), { once: true });
    }
    requests.add(request);
    request.watchedWith = requests;
  }
}
