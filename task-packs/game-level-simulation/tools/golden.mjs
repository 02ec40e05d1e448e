/** Ticks between two checkpoints: few enough to tell where two chains part, and many enough to keep the file short. */
export const CHECKPOINT_EVERY = 40

/**
 * @typedef {object} Golden
 * @property {number} ticks
 * @property {readonly string[]} checkpoints  the links at tick 0, 40, 80 …
 * @property {string} head  the link at the last tick
 */

/**
 * The golden file of a chain.
 *
 * @param {readonly string[]} links  one a tick, from tick 0
 */
export function goldenOf(links) {
  const checkpoints = links.filter((_link, tick) => tick % CHECKPOINT_EVERY === 0)
  return `${JSON.stringify({ ticks: links.length - 1, checkpoints, head: links.at(-1) }, null, 2)}\n`
}
