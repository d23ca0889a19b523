/** A border between two parts of a screen that can be moved: lines of one part more or less than it has by itself. */
export class Split {
  private moved = 0

  move(lines: number): void {
    this.moved += lines
  }

  /** Lines of the part. At an end the border stays: what it was pushed beyond that is not remembered. */
  size(byItself: number, least: number, most: number): number {
    const size = Math.max(least, Math.min(byItself + this.moved, most))
    this.moved = size - byItself
    return size
  }
}
