import { checksOf, renderDoctor, renderDoctorJson } from '../report/doctor.ts'
import type { Context } from './context.ts'
import { folderOf, styleFor, type CommonOptions } from './options.ts'

/** Checks what runs need; fails as a run would, with 3, where one would be refused. */
export async function doctor(context: Context, options: CommonOptions): Promise<number> {
  const checks = checksOf(await context.examine(folderOf(context, options)))
  context.out(options.json ? renderDoctorJson(checks) : renderDoctor(checks, styleFor('out', context, options)))
  return checks.some(({ status }) => status === 'failed') ? 3 : 0
}
