import { defineConfig } from 'vitest/config';

export default defineConfig({
  esbuild: {
    jsx: 'transform',
    jsxFactory: 'React.createElement',
    jsxFragment: 'React.Fragment'
  },
  test: {
    include: ['src/**/*.spec.{ts,tsx}'],
    environment: 'jsdom',
    // Lab's packages ask for what jsdom lacks while they are imported.
    setupFiles: ['src/components/common/dom.fixture.ts'],
    // One jsdom a worker instead of one a file: making it costs more than all tests together.
    pool: 'threads',
    isolate: false,
    restoreMocks: true,
    // Lab's packages are CommonJS with style imports of their own: vite must transform them.
    server: { deps: { inline: [/@jupyterlab/, /@lumino/, /@jupyter\//] } },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.{ts,tsx}'],
      exclude: ['src/**/*.spec.*', 'src/api/schema.d.ts', 'src/tokens.ts'],
      reporter: ['text-summary']
    }
  }
});
