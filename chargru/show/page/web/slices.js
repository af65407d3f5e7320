/** Long work in slices, so that the page draws and answers in between. */

const SLICES_MILLISECONDS = 12;

/** Says when a slice is over, and waits for the next. */
export class Slices {
  /** @param {AbortSignal} [signal] cancels: what is thrown is its reason */
  constructor(signal) {
    signal?.throwIfAborted();
    this.signal = signal;
    this.end = performance.now() + SLICES_MILLISECONDS;
  }

  /** Whether the slice is over. */
  get over() {
    return performance.now() >= this.end;
  }

  /** Let the page do what waits. */
  async next() {
    await slicesTurn();
    this.signal?.throwIfAborted();
    this.end = performance.now() + SLICES_MILLISECONDS;
  }
}

/** When the page has shown what changed until now: long work that begins then keeps nobody waiting for it. */
export async function afterFrame() {
  await new Promise(requestAnimationFrame);
  await slicesTurn();
}

/** The next turn of the event loop; a message comes at once, where setTimeout waits some milliseconds. */
function slicesTurn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(null);
  });
}
