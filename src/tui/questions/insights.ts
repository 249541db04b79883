import { insightFacts } from '../components/insight-facts.ts';
import { defineQuestion } from '../question.ts';

export default defineQuestion('insights', (db, _: object, known) => insightFacts(db, known));
