import type { MarkdownRenderer } from 'vitepress';

/** Leaves a Mermaid diagram to the component that draws it in the browser. */
export function drawMermaid(md: MarkdownRenderer): void {
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index];
    if (token?.info.trim() === 'mermaid') {
      return `<MermaidDiagram text="${encodeURIComponent(token.content)}" />`;
    }
    return fence?.(tokens, index, options, env, self) ?? '';
  };
}
