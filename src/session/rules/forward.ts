export class Forwards {
  check(..._: unknown[]): void {}
}
