import { type DashboardFacts, dashboardFacts } from '../components/dashboard-facts.ts';
import { defineQuestion } from '../question.ts';

export default defineQuestion('dashboard', (db, _: object, known): DashboardFacts => dashboardFacts(db, known));
