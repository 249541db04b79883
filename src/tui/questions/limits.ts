import { buildLimits } from '../../report/limits.ts';
import { defineQuestion } from '../question.ts';

export default defineQuestion('limits', (db, _: object, { now, remember }) => buildLimits(db, now, remember));
