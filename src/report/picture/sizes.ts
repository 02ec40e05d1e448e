/** Of everything, in CSS pixels. Texts are as wide as those of a fixed-width font of twelve pixels at most. */
export const SIZES = {
  letter: 7.25,
  small: 6.3,
  action: { height: 26, before: 24, after: 11, longest: 30, between: 8 },
  frame: { padding: 14, title: 34, column: 20 },
  folded: { height: 50, padding: 14, mark: 18, least: 132 },
  gaps: {
    actions: { along: 22, across: 8 },
    packs: { along: 84, across: 22 },
  },
  margin: 28,
} as const
