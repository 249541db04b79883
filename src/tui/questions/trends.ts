import { lastDays } from '../../report/budget-answer.ts';
import { trendDays } from '../components/trend-panel.ts';
import { defineQuestion } from '../question.ts';

export default defineQuestion('trends', (db, _: object, known) => lastDays(db, known, trendDays));
