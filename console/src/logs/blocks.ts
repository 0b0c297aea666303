// Which lines of a log are at hand: those looked at last, of however many there are.

/** What a line needs to be kept here. */
export interface Numbered {
  /** From 1, without gaps. */
  sequence: number;
  message: string;
}

/** Lines of one block: some ten screens, and an answer of some 100 KB. */
export const BLOCK_LINES = 500;
/** 32,000 lines. */
const MAX_BLOCKS = 64;
/** Characters of their texts, beyond the blocks used last. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** The blocks used last stay, however long their lines: a screen lies in two, and the end of the log in one more. */
const KEPT_BLOCKS = 4;

interface Block<L> {
  lines: (L | undefined)[];
  characters: number;
}

export interface Gap {
  from: number;
  count: number;
}

export class Blocks<L extends Numbered> {
  /** Those used last come last. */
  private readonly blocks = new Map<number, Block<L>>();
  private characters = 0;
  private readonly maxBlocks: number;
  private readonly maxCharacters: number;

  constructor(maxBlocks = MAX_BLOCKS, maxCharacters = MAX_CHARACTERS) {
    this.maxBlocks = maxBlocks;
    this.maxCharacters = maxCharacters;
  }

  get(sequence: number): L | undefined {
    return this.blocks.get(indexOf(sequence))?.lines[placeOf(sequence)];
  }

  /** Keep lines. One that is there already is the same. */
  put(lines: readonly L[]): void {
    for (const line of lines) {
      const block = this.use(indexOf(line.sequence));
      const place = placeOf(line.sequence);
      if (block.lines[place]) continue;
      block.lines[place] = line;
      block.characters += line.message.length;
      this.characters += line.message.length;
    }
    this.shrink();
  }

  /** The first lines that are missing between two numbers, with those missing around them in their block. */
  gap(first: number, last: number): Gap | null {
    for (let index = indexOf(first); index <= indexOf(last); index++) {
      const start = index * BLOCK_LINES + 1;
      const missing = this.firstMissing(Math.max(first, start), Math.min(last, start + BLOCK_LINES - 1));
      if (missing !== null) return this.around(missing, start);
    }
    return null;
  }

  /** Lines between two numbers are being looked at: keep them rather than others. */
  touch(first: number, last: number): void {
    for (let index = indexOf(first); index <= indexOf(last); index++)
      if (this.blocks.has(index)) this.use(index);
  }

  get size(): number {
    return this.blocks.size;
  }

  private firstMissing(first: number, last: number): number | null {
    for (let sequence = first; sequence <= last; sequence++) if (!this.get(sequence)) return sequence;
    return null;
  }

  private around(missing: number, start: number): Gap {
    let from = missing;
    while (from > start && !this.get(from - 1)) from--;
    let end = missing + 1;
    while (end < start + BLOCK_LINES && !this.get(end)) end++;
    return { from, count: end - from };
  }

  private use(index: number): Block<L> {
    const block = this.blocks.get(index) ?? { lines: [], characters: 0 };
    this.blocks.delete(index);
    this.blocks.set(index, block);
    return block;
  }

  private shrink(): void {
    for (const [index, block] of this.blocks) {
      const isTooMuch = this.blocks.size > this.maxBlocks || this.characters > this.maxCharacters;
      if (!isTooMuch || this.blocks.size <= KEPT_BLOCKS) return;
      this.blocks.delete(index);
      this.characters -= block.characters;
    }
  }
}

function indexOf(sequence: number): number {
  return Math.floor((sequence - 1) / BLOCK_LINES);
}

function placeOf(sequence: number): number {
  return (sequence - 1) % BLOCK_LINES;
}
