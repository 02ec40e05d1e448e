// What is drawn, and where: what all kinds of pictures are made from.
import type { Action, EdgeKind, Phase } from '../../model/graph.ts'
import type { Pack } from '../../model/pack.ts'
import type { Ended } from '../graph-view.ts'
import type { Box, Curve, Size } from './engine.ts'

/** An action; its place is relative to the inside of its pack. */
export interface DrawnAction extends Box {
  /** Its place among all actions of the picture. */
  readonly index: number
  readonly action: Action
  /** Its id without pack and phase; safe to show. */
  readonly label: string
  /** Beside the label, or empty. */
  readonly aside: string
  readonly ended: Ended | null
}

/** A line, or a part of one: it is lit when any of these leads to any of those. */
export interface DrawnLine {
  readonly from: readonly number[]
  readonly to: readonly number[]
  readonly kind: EdgeKind
  readonly curve: Curve
}

/** The span of a phase in its pack. */
export interface Column {
  readonly phase: Phase
  readonly x: number
  readonly width: number
}

export interface DrawnPack {
  readonly pack: Pack
  readonly actions: readonly DrawnAction[]
  readonly columns: readonly Column[]
  /** Relative to the inside as well. */
  readonly lines: readonly DrawnLine[]
  /** Of the frame around all of it. */
  readonly open: Size
  /** Of the pack as one node. */
  readonly folded: Size
}

/** Where the packs are, all of them open or all folded. */
export interface Arrangement extends Size {
  readonly boxes: readonly Box[]
  /** One for each of {@link Drawing.links}. */
  readonly curves: readonly Curve[]
}

export interface Drawing {
  readonly packs: readonly DrawnPack[]
  /** Which pack waits for which, by their places, less what follows from others. */
  readonly links: readonly { readonly from: number; readonly to: number; readonly critical: boolean }[]
  readonly open: Arrangement
  readonly folded: Arrangement
}
