/** What follows a value: at once where it is there. A message that waits for nothing makes no promise of it. */

/** As `await` does, takes what can be waited for; what `use` throws then rejects. */
export function when<T>(value: unknown, use: (value: unknown) => Promise<T>): Promise<T> {
  return isThenable(value) ? Promise.resolve(value).then(use) : use(value);
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
