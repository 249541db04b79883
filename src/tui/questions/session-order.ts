import { type OrderWish, sessionOrder } from '../components/session-order.ts';
import { defineQuestion } from '../question.ts';

export default defineQuestion('session-order', (db, wish: OrderWish, known) => sessionOrder(db, wish, known));
