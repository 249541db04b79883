import { keepToken } from './api.ts';
import { byId, fill, h } from './dom.ts';

/** Asks for the token until there is one. It is kept by this tab alone. */
export function askForToken(words: string): Promise<void> {
  const dialog = byId('token') as HTMLDialogElement; // as the page was written
  const input = h('input', {
    id: 'token-text',
    type: 'password',
    autocomplete: 'off',
    required: true,
    'aria-describedby': 'token-words',
  });
  const form = h(
    'form',
    { method: 'dialog' },
    h('h2', { id: 'token-title' }, 'This server asks for a token'),
    h('p', { id: 'token-words' }, words),
    h('label', { for: 'token-text' }, 'Token'),
    input,
    h('button', { type: 'submit' }, 'Go on'),
  );
  fill(dialog, form);
  return new Promise((resolve) => {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      keepToken(input.value.trim());
      dialog.close();
      resolve();
    });
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    dialog.showModal();
    input.focus();
  });
}
