import { buildProviders } from '../../report/providers.ts';
import { storedProviders } from '../../store/providers.ts';
import { defineQuestion } from '../question.ts';

export default defineQuestion('providers', (db, _: object, { now, home }) =>
  buildProviders(db, storedProviders(db), { now, home }),
);
