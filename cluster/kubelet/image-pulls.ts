/** Pulls of one kubelet: one after another, and so many a second. Source: `pkg/kubelet/images/{puller,image_manager,helpers}.go`, v1.37.2. */
import { type Clock, Lane } from '../../scheduler/clock.ts';
import type { KubeletSettings } from './settings.ts';

type Task = (done: () => void) => void;

export class ImagePulls {
  private readonly clock: Clock;
  private readonly settings: KubeletSettings;
  private readonly waiting: Task[] = [];
  private isPulling = false;
  private tokens: number;
  private filledMs: number;

  constructor(clock: Clock, settings: KubeletSettings) {
    this.clock = clock;
    this.settings = settings;
    this.tokens = settings.registryBurst;
    this.filledMs = clock.nowMs;
  }

  /** Takes a token of the rate; false when there is none. */
  mayPull(): boolean {
    const { registryQps, registryBurst } = this.settings;
    if (registryQps <= 0) return true;
    const { nowMs } = this.clock;
    this.tokens = Math.min(registryBurst, this.tokens + ((nowMs - this.filledMs) / 1000) * registryQps);
    this.filledMs = nowMs;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  add(task: Task): void {
    if (!this.settings.serializeImagePulls) {
      task(() => {});
      return;
    }
    this.waiting.push(task);
    this.next();
  }

  private next(): void {
    if (this.isPulling) return;
    const task = this.waiting.shift();
    if (task === undefined) return;
    this.isPulling = true;
    task(() => {
      this.isPulling = false;
      if (this.waiting.length > 0) this.clock.at(this.clock.nowMs, () => this.next(), Lane.Component);
    });
  }
}
