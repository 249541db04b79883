import { expect, test } from 'vitest';
import { loadMembers } from '../../src/members.ts';
import type { Question } from '../../src/tui/question.ts';

test('every question is named as its file, by which the other thread finds it', async () => {
  const questions = await loadMembers<Question<unknown, unknown>>('tui/questions');
  expect(questions.size).toBeGreaterThan(5);
  for (const [id, question] of questions) expect(question.name).toBe(id);
});
