import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** Has Vue resolved from this folder: the pages lie outside of it, where Vite looks for it. */
export function vueFromHere(): Plugin {
  return {
    name: 'vue-from-here',
    enforce: 'pre',
    resolveId(source, importer, options) {
      if (!/^vue(\/|$)/.test(source)) return null;
      // What renders the pages at build time is written into this folder, and loads Vue from it.
      if (options.ssr) return { id: source, external: true };
      if (importer?.endsWith('.md') !== true) return null;
      return this.resolve(source, fileURLToPath(import.meta.url), { ...options, skipSelf: true });
    },
  };
}
