/** The capture file of each frame, by the number of the frame, if several files are read. */

/** Most capture files at once: their numbers take two bytes for each frame. */
export const MOST_FILES = 1000

export class FrameFiles {
  readonly names: readonly string[]
  private files = new Uint16Array(4096)
  private frames = 0

  constructor(names: readonly string[]) {
    this.names = names
  }

  /** The next frame is of this file. */
  add(file: number): void {
    if (this.frames === this.files.length) {
      const larger = new Uint16Array(this.files.length * 2)
      larger.set(this.files)
      this.files = larger
    }
    this.files[this.frames++] = file
  }

  /** Returns the name of the file of a frame, whose number counts from 1. */
  nameOf(frame: number): string | undefined {
    return frame < 1 || frame > this.frames ? undefined : this.names[this.files[frame - 1] as number]
  }
}
