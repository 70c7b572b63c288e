import { createHash } from 'node:crypto';

/** The Mermaid text of a document. */
export function diagramIn(document: string): string {
  const [, diagram] = /^```mermaid\n([\s\S]*?)^```$/m.exec(document) ?? [];
  if (diagram === undefined) throw new Error('The document has no diagram.');
  return diagram;
}

/** What the picture of a diagram begins with, so that a later change of the diagram shows. */
export function markOf(diagram: string): string {
  return `<!-- Drawn from the Mermaid text with SHA-256 ${createHash('sha256').update(diagram).digest('hex')} -->`;
}
