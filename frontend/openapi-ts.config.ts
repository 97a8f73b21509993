import { defineConfig } from '@hey-api/openapi-ts';

export default defineConfig({
  logs: { file: false },
  input: '../docs/contracts/openapi.json',
  output: { path: 'src/api/generated' },
  plugins: [
    '@hey-api/typescript',
    { name: '@hey-api/sdk' },
    { name: '@hey-api/client-fetch', baseUrl: false, throwOnError: true },
  ],
});
