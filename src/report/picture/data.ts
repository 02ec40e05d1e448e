// What a picture is drawn from, in a page as well as in a file: JSON in which every text is safe to show as text.

/** A part of the plan order's list of actions, of packs, or of texts. */
type Index = number

export interface PictureData {
  /** What the whole shows. */
  readonly title: string
  /** What was left out, where that run was, and the like. */
  readonly notes: readonly string[]
  /** Of a way: why each comes after the one before. */
  readonly reasons: readonly string[]
  readonly run: {
    readonly name: string
    readonly verdict: string
    readonly tone: ToneName
    readonly critical: string | null
  } | null
  readonly packs: readonly PackData[]
  readonly actions: readonly ActionData[]
  readonly links: readonly LinkData[]
  /** Whether packs are folded at first. */
  readonly fold: boolean
  readonly size: { readonly open: Pair; readonly folded: Pair }
}

type Pair = readonly [number, number]
export type ToneName = 'good' | 'bad' | 'idle'

export interface PackData {
  readonly id: string
  readonly title: string
  readonly pillar: string
  readonly tone: ToneName | null
  /** What is said of it where it is folded. */
  readonly words: readonly string[]
  readonly actions: readonly Index[]
  readonly columns: readonly { readonly phase: string; readonly x: number; readonly width: number }[]
  readonly lines: readonly LineData[]
  /** x, y, width and height. */
  readonly open: Rectangle
  readonly folded: Rectangle
}

export type Rectangle = readonly [x: number, y: number, width: number, height: number]

export interface ActionData {
  readonly id: string
  readonly pack: Index
  readonly phase: string
  readonly label: string
  readonly aside: string
  readonly tone: ToneName | null
  /** `null`: no run was named, or it was not part of it. */
  readonly status: string | null
  /** How it ended, in words. */
  readonly words: string
  readonly critical: boolean
  /** Within its pack. */
  readonly box: Rectangle
}

export interface LineData {
  readonly from: readonly Index[]
  readonly to: readonly Index[]
  readonly kind: string
  readonly critical: boolean
  readonly curve: readonly number[]
}

/** Between packs. */
export interface LinkData {
  readonly from: Index
  readonly to: Index
  readonly critical: boolean
  readonly open: readonly number[]
  readonly folded: readonly number[]
}

/** Beside the picture, for a page. */
export interface FactsData {
  /** Said in more than one place. */
  readonly texts: readonly string[]
  /** One for each action. */
  readonly actions: readonly ActionFacts[]
  readonly packs: readonly PackFacts[]
}

export interface ActionFacts {
  /** What it is, and its command, if it has one. */
  readonly what: string
  readonly command: string | null
  readonly place: string
  /** Headings and what stands under each, by texts. */
  readonly rows: readonly (readonly [heading: string, lines: readonly Index[]])[]
  readonly key: string | null
  /** Why there is no key, or what the one is of. */
  readonly keyNote: string
  /** What comes before it, why, and where that is written. */
  readonly needs: readonly (readonly [action: Index, why: Index, place: Index | null])[]
}

export interface PackFacts {
  readonly place: string
  readonly rows: readonly (readonly [heading: string, lines: readonly string[]])[]
}
