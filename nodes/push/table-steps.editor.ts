/** What can be taken back of what was done to a list. Pure. */

const MOST = 200;

export class Steps<State> {
  private readonly past: State[] = [];
  private last: string | undefined;

  /** Something is about to be done to this state. What has the same name as the step before belongs to it. */
  note(state: State, name?: string): void {
    const isSame = name !== undefined && name === this.last;
    this.last = name;
    if (isSame) return;
    this.past.push(state);
    if (this.past.length > MOST) this.past.shift();
  }

  /** The state before the last step. */
  back(): State | undefined {
    this.last = undefined;
    return this.past.pop();
  }

  get isEmpty(): boolean {
    return this.past.length === 0;
  }
}

/** The list with one entry further up (−1) or down (1); itself, where it is at the end. */
export function moved<T>(list: readonly T[], index: number, by: number): readonly T[] {
  const [entry, to] = [list[index], index + by];
  if (entry === undefined || to < 0 || to >= list.length) return list;
  const others = list.filter((_, at) => at !== index);
  return [...others.slice(0, to), entry, ...others.slice(to)];
}
