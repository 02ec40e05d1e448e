import type { Command } from 'commander'
import { printJson } from '../report/json.ts'
import { wordKeyNotMade, wordKeyProblem } from '../report/wording-keys.ts'
import type { Context } from './context.ts'
import { UsageError, type CommonOptions } from './options.ts'
import { withCommon, type Finish } from './syntax.ts'

interface GenerateOptions extends CommonOptions {
  readonly out: string
}

export function addKeys(program: Command, context: Context, finish: Finish): void {
  const keys = program.command('keys').description('make and show keys for signing')
  withCommon(keys.command('generate'))
    .description('make an ed25519 key pair: the private key in a file that only you can read, the public one beside it')
    .option('-o, --out <file>', 'where to write the private key; the public one gets .pub', 'signing.pem')
    .action(async (options: GenerateOptions) => finish(await generate(context, options)))
  withCommon(keys.command('show'))
    .argument('<file>', 'a private or a public key')
    .description('print the id of a key and its public half')
    .action(async (file: string, options: CommonOptions) => finish(await show(context, file, options)))
}

async function generate(context: Context, options: GenerateOptions): Promise<number> {
  const { generateKey } = await context.keys()
  const made = generateKey(context.absolute(options.out))
  if (!made.ok) throw new UsageError(wordKeyNotMade(made.error, context.showPath))
  const { keyId, publicPem } = made.value
  const [privateFile, publicFile] = [made.value.privateFile, made.value.publicFile].map(context.showPath)
  if (options.json) {
    context.out(printJson({ keyId, publicKey: publicPem, privateFile, publicFile }))
    return 0
  }
  context.out(`${keyId}\n`)
  if (!options.quiet) {
    context.err(`Private key: ${privateFile} (keep it to yourself, and out of version control)\n`)
    context.err(`Public key:  ${publicFile} (for whoever verifies)\n`)
  }
  return 0
}

async function show(context: Context, file: string, options: CommonOptions): Promise<number> {
  const { readKeyInfo } = await context.keys()
  const read = readKeyInfo(context.absolute(file))
  if (!read.ok) throw new UsageError(wordKeyProblem(read.error, file))
  const { keyId, publicPem } = read.value
  context.out(options.json ? printJson({ keyId, publicKey: publicPem }) : `${keyId}\n${publicPem}`)
  return 0
}
