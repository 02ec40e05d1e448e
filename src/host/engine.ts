import { setFlagsFromString } from 'node:v8'

/**
 * Lets a function run a little longer before it is compiled with all that V8 knows. In Node.js 20 there is no compiler between the
 * quick one and that one, and a short-lived program that has much code spends a quarter of its time in it. Later versions
 * have one, and no such flag.
 *
 * Source: `node --v8-options`, interrupt-budget (bytes of bytecode, 66 KiB by default)
 */
export function delayOptimizing(): void {
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--interrupt-budget=500000')
}
