import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Where `npm run dev` finds the API; `cargo run` prints it.
const api = process.env.NOREN_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: {
    // Two programs: what a shopper loads has nothing of the console in it.
    rolldownOptions: { input: { shop: here('index.html'), console: here('console/index.html') } },
    target: 'es2023',
    manifest: true,
    sourcemap: false,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': api, '/config.json': api },
  },
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['tests/**/*.test.ts'], environment: 'node' } },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['browser/**/*.spec.ts'],
          globalSetup: ['browser/stack.ts'],
          environment: 'node',
          // One shop, one browser, two cores: one after another.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
