import { readFileSync } from 'node:fs';

/** A fenced block of a guide. */
export interface Block {
  readonly language: string;
  /** The nearest heading above it. */
  readonly heading: string;
  readonly text: string;
}

/** All of a guide. */
export function textOf(guide: string): string {
  return readFileSync(new URL(`../../docs/${guide}`, import.meta.url), 'utf8');
}

/** The fenced blocks of a guide, in order. */
export function blocksOf(guide: string): readonly Block[] {
  let heading = '';
  const found: Block[] = [];
  for (const [, title, language, inside] of textOf(guide).matchAll(
    /^## (.*)$|^```(\w+)\n([\s\S]*?)^```$/gm,
  )) {
    if (title !== undefined) heading = title;
    else found.push({ language: language ?? '', heading, text: inside ?? '' });
  }
  return found;
}

/** The only block of a language under a heading. */
export function blockOf(guide: string, heading: string, language: string): string {
  const found = blocksOf(guide).filter(
    (block) => block.heading === heading && block.language === language,
  );
  const [only] = found;
  if (!only || found.length > 1) {
    throw new Error(`${found.length} blocks of ${language} under ${heading} in ${guide}.`);
  }
  return only.text;
}
