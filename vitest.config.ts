import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Hundreds of tests wait for real processes; where others share the machine one may starve. It is told of, and tried once more.
    retry: process.env.CI === undefined ? 0 : 1,
  },
});
