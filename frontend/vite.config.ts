import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// Lightning CSS counts a version as major << 16. These are the oldest browsers that get the full look:
// light-dark() and oklch() are lowered for them.
const version = (major: number): number => major << 16;

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  publicDir: false,
  css: {
    transformer: "lightningcss",
    lightningcss: { targets: { chrome: version(109), firefox: version(115), safari: version(16) } },
  },
  build: {
    outDir: "../src/niva/web/static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: ["chrome109", "firefox115", "safari16"],
    cssMinify: "lightningcss",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    // htmx has an eval that its configuration switches off; nothing here calls it.
    rollupOptions: { checks: { eval: false }, input: ["main.ts", "styles/main.css"] },
  },
});
