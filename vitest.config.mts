import { defineConfig } from 'vitest/config';

export default defineConfig({
  esbuild: { jsx: 'transform', jsxFactory: 'React.createElement', jsxFragment: 'React.Fragment' },
  test: {
    include: ['src/**/*.spec.{ts,tsx}'],
    environment: 'jsdom',
    // Lab's packages are CommonJS with style imports of their own: vite must transform them.
    server: { deps: { inline: [/@jupyterlab/, /@lumino/, /@jupyter\//] } },
    coverage: { provider: 'v8', include: ['src/**/*.{ts,tsx}'], exclude: ['src/**/*.spec.*', 'src/api/schema.d.ts'], reporter: ['text-summary'] }
  }
});
