import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { run } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A container of a manifest, as far as the tests look at it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
  }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly lifecycle?: {
    readonly preStop: { readonly exec: { readonly command: readonly string[] } };
  };
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly securityContext: object;
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

/** The part of a manifest that describes pods. */
export interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: { readonly runAsUser: number };
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
}

/** A Job or a Deployment. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly backoffLimit?: number;
    readonly activeDeadlineSeconds?: number;
    readonly progressDeadlineSeconds?: number;
    readonly ttlSecondsAfterFinished?: number;
    readonly podFailurePolicy?: {
      readonly rules: readonly {
        readonly action: string;
        readonly onExitCodes?: {
          readonly containerName: string;
          readonly operator: string;
          readonly values: readonly number[];
        };
      }[];
    };
    readonly template: { readonly spec: PodSpec };
  };
}

/** Reads a file of one manifest. */
export function readManifest(yaml: string): Manifest {
  const [document, ...others] = parseAllDocuments(yaml);
  if (document === undefined || others.length > 0) throw new Error('There is one manifest a file.');
  return document.toJS();
}

/** Of each kind, the module of its group and version. */
const MODULES: Readonly<Record<string, string>> = {
  'batch/v1 Job': 'kubernetes-models/batch/v1/Job',
  'apps/v1 Deployment': 'kubernetes-models/apps/v1/Deployment',
};

/**
 * What Kubernetes would object to in a manifest: by its JSON schema, and by its types for fields
 * that it does not know, which the schema lets pass.
 */
export async function manifestErrors(manifest: Manifest): Promise<string> {
  const { apiVersion, kind } = manifest;
  const specifier = MODULES[`${apiVersion} ${kind}`];
  if (specifier === undefined) return `There is no ${apiVersion} ${kind}.`;
  const folder = temporaryFolder();
  symlinkSync(
    fileURLToPath(new URL('../fixtures/examples/node_modules', import.meta.url)),
    join(folder, 'node_modules'),
    'junction',
  );
  const literal = JSON.stringify(manifest, undefined, 2);
  writeFileSync(
    join(folder, 'manifest.mts'),
    `import { ${kind}, type I${kind} } from '${specifier}';
     const manifest: I${kind} = ${literal};
     new ${kind}(manifest).validate();`,
  );
  writeFileSync(
    join(folder, 'manifest.mjs'),
    `import { ${kind} } from '${specifier}';\nnew ${kind}(${literal}).validate();`,
  );
  const [checked, validated] = await Promise.all([
    run(TSC, ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', 'manifest.mts'], {
      cwd: folder,
    }),
    run(process.execPath, ['manifest.mjs'], { cwd: folder }),
  ]);
  return checked.stdout + (validated.code === 0 ? '' : validated.stderr);
}

const TSC = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));
