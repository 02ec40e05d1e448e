// Contrast of colours: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio

const NAMES = {
  black: '#000000',
  white: '#ffffff',
  red: '#ff0000',
  gray: '#808080',
  grey: '#808080',
  navy: '#000080',
  silver: '#c0c0c0',
}

/**
 * A colour as three numbers from 0 to 255; `null` for what can't be told from the text alone (variables, gradients, alpha).
 *
 * @param {string} text
 */
export function colour(text) {
  const written = NAMES[text.trim().toLowerCase()] ?? text.trim().toLowerCase()
  const [, short, long] = /^#(?:([0-9a-f]{3})|([0-9a-f]{6}))$/.exec(written) ?? []
  const digits = long ?? short?.replaceAll(/./g, '$&$&')
  if (digits !== undefined) return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16))
  const [, ...parts] = /^rgb\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)$/.exec(written) ?? []
  return parts.length === 3 ? parts.map(Number) : null
}

/**
 * From 1 to 21.
 *
 * @param {readonly number[]} one
 * @param {readonly number[]} other
 */
export function contrast(one, other) {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(rgb) {
  const [red = 0, green = 0, blue = 0] = rgb.map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/**
 * What a list of declarations says of `color` and `background`, the last one of each.
 *
 * @param {string} style
 */
export function coloursOf(style) {
  const found = {}
  for (const declaration of style.split(';')) {
    const [property = '', ...value] = declaration.split(':')
    const name = property.trim().toLowerCase().replace('background-color', 'background')
    if (name === 'color' || name === 'background') found[name] = value.join(':').replace('!important', '').trim()
  }
  return found
}
