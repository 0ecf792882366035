// What does the browser get? Three small islands; every other page is plain HTML.
import { defineConfig } from "vite";

const OUT = "../src/safelight/surfaces/web/static/build";

export default defineConfig({
  base: "/static/build/",
  publicDir: false,
  build: {
    outDir: OUT,
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    // The pages' policy allows no data: addresses and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        viewer: "src/viewer/viewer.ts",
        uploader: "src/uploader/uploader.ts",
        page: "src/page/page.ts",
      },
    },
  },
  worker: { format: "es" },
});
