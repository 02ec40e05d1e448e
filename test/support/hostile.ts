// What gets out of the place where it is shown, if that place does not hold.

const MARKUP = [
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  '--><b>bold</b><!--',
  ']]><x/>',
  '&lt;b&gt; &#60;i&#62; &copy',
  '</title></style></pre></textarea><iframe src=//evil.example></iframe>',
  '<details open ontoggle=alert(1)>',
  '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>&b;',
  '<base href=http://evil.example><meta http-equiv=refresh content=0>',
  '{{constructor}} ${alert(1)}',
]

const MARKDOWN = [
  '[click](javascript:alert(1))',
  '![pixel](http://evil.example/i.png)',
  '<http://evil.example> http://evil.example/x www.evil.example somebody@evil.example',
  '@everyone @org/team',
  '#123 owner/repo#4 GH-5 fixes #6 owner/repo@0123456789abcdef0123456789abcdef01234567 deadbeef',
  '# heading',
  '- [x] item',
  '> quote',
  '| a | b |',
  '\\',
  '*a* __b__ ~~c~~ :smile: $x$',
  '[^1]',
  '[ref]: http://evil.example',
]

const FENCES = [
  '`',
  '``a`b```',
  '````\n# out\n````',
  '~~~\n# out',
  '```\n@everyone\n```\n<b>x</b>',
  '\n\n# heading\n\n<b>bold</b>',
]

const CONTROLS = [
  '\u001b[2J\u001b]0;title\u0007\u009b31m',
  'a\0b',
  '\u202Eevil\u2066 \u200B\uFEFF',
  'line\u2028line\u2029line\u0085',
  'lone \uD800 and \uDC00',
  'no characters \uFFFE \uFFFF',
  'carriage\rreturn\ttab\vvertical\fform',
  '\u{E0041}tag',
]

const COMMANDS = ['::error::x', ' \t::set-output name=a::b', 'a ##[group]b', '\r\n::add-mask::c']

/** For HTML and XML: they hold no grave accent, in which messages set names. */
export const HOSTILE_TEXTS: readonly string[] = [...MARKUP, ...MARKDOWN, ...CONTROLS, ...COMMANDS]

export const ALL_HOSTILE: readonly string[] = [...HOSTILE_TEXTS, ...FENCES]
