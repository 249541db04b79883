import { untilNews } from '../../report/memory.ts';
import { buildProviders } from '../../report/providers.ts';
import { storedProviders } from '../../store/providers.ts';
import { defineQuestion } from '../question.ts';

export default defineQuestion('providers', (db, _: object, { now, home, remember }) => ({
  ...remember(db, 'providers', () => buildProviders(db, storedProviders(db), { now, home }), untilNews),
  generated_at: new Date(now).toISOString(),
}));
