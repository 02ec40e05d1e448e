import { checksOf, renderDoctor, renderDoctorJson } from '../report/doctor.ts'
import type { Context } from './context.ts'
import { folderOf, styleFor, type CommonOptions } from './options.ts'

/** Checks what runs need; fails as a run would, with 3, where one would be refused. */
export async function doctor(context: Context, options: CommonOptions): Promise<number> {
  const folder = folderOf(context, options)
  const opened = await context.open(folder)
  const checks = checksOf(await context.examine(opened.ok ? opened.value.workspace.root : folder))
  context.out(options.json ? renderDoctorJson(checks) : renderDoctor(checks, styleFor('out', context, options)))
  return checks.some(({ status }) => status === 'failed') ? 3 : 0
}
