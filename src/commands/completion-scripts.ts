// The scripts that shells source to complete what is typed. They ask codex itself what may come next.
import type { Shell } from './choices.ts'

/**
 * What bash holds for a word ends at each `:` and `=`: the pieces between which there is no space are put together for codex,
 * and what stands before the last piece is left out of its answers. All of it works in the bash 3.2 of macOS.
 */
const BASH = [
  '# codex completion for bash: source <(codex completion bash)',
  '_codex_complete() {',
  '  local rest=${COMP_LINE:0:COMP_POINT} piece gap current kept candidate',
  '  local -a words=()',
  '  for piece in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do',
  '    gap=${rest%%[![:space:]]*}',
  '    rest=${rest#"$gap"}',
  '    [[ $rest == "$piece"* ]] || piece=$rest',
  '    rest=${rest#"$piece"}',
  '    if [[ -n $gap || ${#words[@]} -eq 0 ]]; then',
  '      words[${#words[@]}]=$piece',
  '    else',
  '      words[${#words[@]}-1]+=$piece',
  '    fi',
  '  done',
  '  current=${words[${#words[@]}-1]}',
  '  kept=$current',
  '  [[ $COMP_WORDBREAKS == *:* ]] && kept=${kept##*:}',
  '  [[ $COMP_WORDBREAKS == *=* ]] && kept=${kept##*=}',
  '  COMPREPLY=()',
  '  while IFS= read -r candidate; do',
  '    COMPREPLY[${#COMPREPLY[@]}]=${candidate#"${current%"$kept"}"}',
  '  done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)',
  '}',
  'complete -o default -F _codex_complete codex codex-orchestrator',
]

const ZSH = [
  '#compdef codex codex-orchestrator',
  '# codex completion for zsh: source <(codex completion zsh) after compinit, or put it into a folder of fpath as _codex',
  '_codex() {',
  '  local -a found',
  '  found=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")',
  '  found=(${found:#})',
  '  if (( ${#found} )); then compadd -a found; else _files; fi',
  '}',
  'if [[ ${funcstack[1]} == _codex ]]; then _codex "$@"; else compdef _codex codex codex-orchestrator; fi',
]

const FISH = [
  '# codex completion for fish: codex completion fish | source',
  'function __codex_complete',
  '    set -l words (commandline -opc) (commandline -ct)',
  '    $words[1] complete -- $words[2..-1] 2>/dev/null',
  'end',
  "complete -c codex -a '(__codex_complete)'",
  "complete -c codex-orchestrator -a '(__codex_complete)'",
]

/** Before version 7.3 PowerShell passes no empty words on, so it says how many there are. */
const POWERSHELL = [
  '# codex completion for PowerShell: codex completion powershell | Out-String | Invoke-Expression',
  'Register-ArgumentCompleter -Native -CommandName codex, codex-orchestrator -ScriptBlock {',
  '    param($wordToComplete, $commandAst, $cursorPosition)',
  '    $words = @($commandAst.CommandElements |',
  '        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |',
  '        ForEach-Object { $_.Extent.Text })',
  '    $given = @($words | Select-Object -Skip 1)',
  '    $count = $given.Count',
  "    if ($wordToComplete -eq '') { $count += 1 }",
  '    & $words[0] complete --count $count -- @given 2>$null | ForEach-Object {',
  "        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)",
  '    }',
  '}',
]

export const SCRIPTS: Readonly<Record<Shell, readonly string[]>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
  powershell: POWERSHELL,
}
