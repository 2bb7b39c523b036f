/** Waits for what a node has to end, but never so long that Node-RED takes the node for stuck (fault 40). */
const CLOSE_DEADLINE = 3000;

/** Settles with `ending`, or after `milliseconds`; never rejects. */
export async function endWithin(ending: Promise<unknown>, milliseconds = CLOSE_DEADLINE): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([ending.catch(() => undefined), deadline]);
  clearTimeout(timer);
}
