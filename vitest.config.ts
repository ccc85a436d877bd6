import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', 'dist/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // By default two cores get one worker, and end-to-end tests wait for their programs half of the time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
