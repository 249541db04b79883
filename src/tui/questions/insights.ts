import { insightsNow } from '../components/insights-now.ts';
import { defineQuestion } from '../question.ts';

export default defineQuestion('insights', (db, _: object, known) => insightsNow(db, known));
