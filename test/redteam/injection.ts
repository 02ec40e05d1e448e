// What tries to be obeyed where it is shown: by a terminal, and by GitHub Actions.

export interface Injection {
  readonly title: string
  readonly run: string
  /** What of it must not reach a screen as it is. */
  readonly raw: RegExp
  /** What must be there instead, so that nothing was only dropped. */
  readonly shown: RegExp
}

const print = (format: string): string => `printf '${format}\\n'; exit 1`

export type Injections = Readonly<Record<string, Injection>>

/** GitHub's runner obeys `::` behind white space at the start of a line, and `##[` anywhere. */
const COMMAND = /(?:^|[\r\n\v\f\u0085\u2028\u2029])\s*::[a-z]/

const SCREEN: Injections = {
  'clear-screen': { title: 'clearing the screen', run: print('a\\033[2J\\033[Hb'), raw: /\u001b/, shown: /\\e\[2J/ },
  'window-title': {
    title: 'another title of the window',
    run: print('\\033]0;own3d\\007'),
    raw: /\u001b\]|\u0007/,
    shown: /own3d/,
  },
  'c1-control': { title: 'a control of one byte more', run: print('c1 \\302\\233[31m'), raw: /\u009b/, shown: /\\x9b/ },
  'hidden-link': {
    title: 'a link that shows another',
    run: print('\\033]8;;http://evil.example\\033\\\\safe\\033]8;;\\033\\\\'),
    raw: /\u001b\]8/,
    shown: /evil\.example/,
  },
  clipboard: { title: 'the clipboard', run: print('\\033]52;c;ZXZpbA==\\007'), raw: /\u001b\]52/, shown: /52;c;/ },
  'answer-back': {
    title: 'an answer that is typed for the user',
    run: print('\\033[6n\\033[c'),
    raw: /\u001b\[6n/,
    shown: /\\e\[6n/,
  },
  'carriage-return': {
    title: 'a line over the line before',
    run: print('evil\\r✓ passed over'),
    raw: /\r/,
    shown: /passed over/,
  },
  backspaces: {
    title: 'a word over the word before',
    run: print('failed\\b\\b\\b\\b\\b\\bpassed'),
    raw: /\u0008/,
    shown: /\\x08/,
  },
  bidi: {
    title: 'text that runs the other way',
    run: print('bidi \\342\\200\\256 reversed'),
    raw: /\u202e/,
    shown: /\\u\{202e\}/,
  },
  'zero-width': {
    title: 'text that is not seen',
    run: print('zero \\342\\200\\213 width'),
    raw: /\u200b/,
    shown: /\\u\{200b\}/,
  },
  'standard-error': {
    title: 'clearing the screen, on the other stream',
    run: 'printf "other\\033[3J\\n" >&2; exit 1',
    raw: /\u001b\[3J/,
    shown: /other\\e\[3J/,
  },
  'file-name': {
    title: 'the name of a file that was made',
    run: `echo >"$(printf 'name\\033[5m')"`,
    raw: /\u001b\[5m/,
    shown: /name\\e\[5m/,
  },
}

const WORKFLOW: Injections = {
  'workflow-error': {
    title: 'an error of the workflow',
    run: print('::error file=a.ts::one'),
    raw: COMMAND,
    shown: /::error file=a\.ts::one/,
  },
  'workflow-output': {
    title: 'an output of the workflow',
    run: print('::set-output name=token::two'),
    raw: COMMAND,
    shown: /::set-output/,
  },
  'workflow-indented': {
    title: 'a command behind white space',
    run: print(' \\t ::warning::three'),
    raw: COMMAND,
    shown: /::warning::three/,
  },
  'workflow-return': {
    title: 'a command behind a carriage return',
    run: print('x\\r::add-path::four'),
    raw: COMMAND,
    shown: /::add-path::four/,
  },
  'workflow-tab': {
    title: 'a command behind a vertical tab',
    run: print('\\013::add-mask::five'),
    raw: COMMAND,
    shown: /add-mask::five/,
  },
  'workflow-split': {
    title: 'a command in two pieces',
    run: "printf ':'; printf ':save-state name=a::six\\n'; exit 1",
    raw: COMMAND,
    shown: /save-state/,
  },
  'workflow-stop': {
    title: 'the end of all commands',
    run: print('::stop-commands::seven'),
    raw: COMMAND,
    shown: /stop-commands/,
  },
  'workflow-old': {
    title: 'a command as it was written before',
    run: print('a ##[error]eight'),
    raw: /##\[/,
    shown: /eight/,
  },
  'workflow-stderr': {
    title: 'a command on the other stream',
    run: 'echo "::group::nine" >&2; exit 1',
    raw: COMMAND,
    shown: /group::nine/,
  },
  'workflow-mark': {
    title: 'a command behind a mark that is not seen',
    run: print('\\357\\273\\277::notice::ten'),
    raw: /\ufeff|^\s*::/m,
    shown: /notice::ten/,
  },
  'workflow-file': {
    title: 'a command that is the name of a file',
    run: `mkdir '::error::'; echo >'::error::/eleven'`,
    raw: COMMAND,
    shown: /::error::\/eleven/,
  },
}

export const INJECTIONS: Readonly<Record<string, Injections>> = {
  'on a screen': SCREEN,
  'in a workflow of GitHub': WORKFLOW,
}
