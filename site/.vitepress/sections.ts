import { readdirSync } from 'node:fs';

/** A part of the sidebar. */
interface Section {
  readonly title: string;
  /** The files of the repository, in their order. Each is named by its first heading. */
  readonly pages: readonly string[];
  /** Whether the part is shown closed. Default: it can't be closed. */
  readonly collapsed?: boolean;
}

const DECISIONS = 'docs/decisions';
const decisions = readdirSync(new URL(`../../${DECISIONS}`, import.meta.url))
  .filter((file) => /^\d+-.*\.md$/.test(file))
  .sort();

/** The sidebar. A test refuses a page that is missing here. */
export const SECTIONS: readonly Section[] = [
  {
    title: 'Start',
    pages: ['README.md', 'docs/click-to-conversion.md', 'docs/questions.md', 'examples/README.md'],
  },
  {
    title: 'Guides',
    pages: [
      'docs/deploying.md',
      'docs/queue.md',
      'docs/monitoring.md',
      'docs/troubleshooting.md',
      'docs/privacy.md',
      'docs/backfill.md',
      'docs/upgrading.md',
      'docs/supabase.md',
      'docs/plain-postgresql.md',
      'docs/access.md',
      'docs/orms.md',
      'docs/verifying.md',
      'docs/scaling.md',
      'docs/other-tools.md',
    ],
  },
  {
    title: 'Examples',
    pages: [
      'examples/service/README.md',
      'examples/nextjs/README.md',
      'examples/deploy/README.md',
      'examples/kubernetes/README.md',
      'examples/supabase/README.md',
    ],
  },
  {
    title: 'Reference',
    pages: [
      'docs/api.md',
      'docs/queue-functions.md',
      'docs/schema.md',
      'docs/cli.md',
      'docs/errors.md',
      'docs/findings.md',
      'CHANGELOG.md',
    ],
  },
  {
    title: 'Internals',
    pages: [
      'docs/design.md',
      'docs/benchmarks.md',
      'CONTRIBUTING.md',
      'docs/releasing.md',
      'SECURITY.md',
    ],
  },
  {
    title: 'Decisions',
    pages: [`${DECISIONS}/README.md`, ...decisions.map((file) => `${DECISIONS}/${file}`)],
    collapsed: true,
  },
];

/** Where the site has a page: a README is the index of its folder. */
export const addressOf = (file: string): string =>
  `/${file.replace(/README\.md$/, '').replace(/\.md$/, '')}`;
