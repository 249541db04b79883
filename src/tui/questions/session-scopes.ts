import { providersAndModels } from '../../store/queries/session-list.ts';
import { defineQuestion } from '../question.ts';

/** What sessions can be narrowed to. */
export default defineQuestion('session-scopes', (db, _: object, known) =>
  known.remember(db, 'providers and models', () => providersAndModels(db)),
);
