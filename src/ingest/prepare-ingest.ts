import { autoTag, tagRules } from '../metrics/tags.ts';
import type { Database } from '../store/driver.ts';
import { createFileTable } from '../store/files.ts';
import { saveProviders } from '../store/providers.ts';
import { tagAll } from '../store/tags.ts';
import { createWriter } from '../store/writer.ts';
import { createDigest } from './digest.ts';
import { type PassOptions, type PassResult, runPass } from './pass.ts';
import { createPricer, loadPriceBook } from './pricing.ts';
import { findProject } from './project.ts';
import { providerFacts } from './provider-facts.ts';
import { createQuietNotes } from './quiet.ts';
import { repriceUnpriced } from './reprice.ts';
import { createScratch } from './scratch.ts';
import type { IngestSettings } from './settings.ts';

/** Everything passes over one open store share: prices, keys and statements are made once. */
export function prepareIngest(
  db: Database,
  settings: IngestSettings,
  { fillsNew = false }: { readonly fillsNew?: boolean } = {},
): (
  options: Omit<PassOptions, 'files' | 'writer' | 'providers' | 'host' | 'digest' | 'hmacKey' | 'now' | 'scratch'>,
) => Promise<PassResult> {
  const { book, changed } = loadPriceBook(db, settings.overrides, settings.now());
  const price = createPricer(book);
  if (changed) repriceUnpriced(db, price);
  if (!fillsNew) tagAll(db, autoTag, tagRules);
  const writer = createWriter(db, { price, findProject, tagOf: autoTag, fillsNew });
  const digest = createDigest(settings.paths.hmacKey);
  const noteQuiet = createQuietNotes(db);
  const files = createFileTable(db);
  const scratch = createScratch(settings.paths.db);
  return async (options) => {
    const result = await runPass({
      files,
      writer,
      digest,
      hmacKey: settings.paths.hmacKey,
      providers: settings.providers,
      host: settings.host,
      now: settings.now,
      scratch,
      ...options,
    });
    writer.finish();
    const { complete, discovery, changed } = result;
    if (complete && !discovery.isPartial) saveProviders(db, providerFacts(settings, discovery.roots), settings.now());
    noteQuiet(changed, settings.now(), discovery.isPartial);
    return result;
  };
}
