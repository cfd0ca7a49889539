import { CommandFault, EXIT } from '../failure.ts';
import type { FindOptions } from './find-package.ts';
import type { FoundPackage } from './found-package.ts';

/** Finds a plugin by its id in the registries that this installation knows. */
export function findInRegistries({ id }: { readonly id: string; readonly range?: string }, _options: FindOptions): Promise<FoundPackage> {
  return Promise.reject(
    new CommandFault(
      `No registry is known here, so there is no ${id}. Install a tarball, a folder or a package of npm (\`npm:NAME\`).`,
      EXIT.refused,
    ),
  );
}
