/** `-T none`: everything is decoded, nothing printed. */
import type { Exporter } from '../store/record.ts'

export class NoneExporter implements Exporter {
  packet(): void {}
  gap(): void {}
  skipped(): void {}
  damage(): void {}
  finish(): void {}
}
